import { createHash } from 'node:crypto';
import { type Loaded, refName, type StateRef } from '@waybill/messaging';
import type { ClientBase, Pool } from 'pg';
import { quoted } from './column-name.ts';
import type { EntityTable } from './entity-columns.ts';
import { type EntityStates, isStates } from './entity-tables.ts';

interface Row {
  readonly t: string;
  readonly v: Record<string, unknown> & { _version: number };
}

/** A statement that reads states of some tables. */
interface Read {
  readonly name: string;
  readonly text: string;
}

/** Reads rows as the values that decisions receive, many tables in one round trip. */
export class StateReader {
  private readonly tables: ReadonlyMap<string, EntityStates>;
  private readonly instants: ReadonlyMap<string, readonly string[]>;
  private readonly reads = new Map<string, Read>();

  constructor(tables: readonly EntityTable[]) {
    const states = tables.filter(isStates);
    this.tables = new Map(states.map((table) => [table.table, table]));
    this.instants = new Map(states.map((table) => [table.table, instantsOf(table)]));
  }

  /** Absent rows are absent from the result. `lock` takes the row locks in (table, id) order. */
  async read(
    on: Pool | ClientBase,
    refs: readonly StateRef[],
    lock = false,
  ): Promise<Map<string, Loaded>> {
    const found = new Map<string, Loaded>();
    if (refs.length === 0) return found;
    const wanted = idsByTable(refs);
    const read = this.readOf([...wanted.keys()], lock);
    const values = [...wanted.values()].map((ids) => [...ids].sort());
    const { rows } = await on.query<Row>({ ...read, values });
    for (const { t, v } of rows) this.add(found, t, v);
    return found;
  }

  private add(found: Map<string, Loaded>, name: string, row: Row['v']): void {
    const { _version: version, ...value } = row;
    for (const property of this.instants.get(name) ?? []) {
      const read = value[property];
      if (typeof read === 'string') value[property] = new Date(read).toISOString();
    }
    const table = this.tableOf(name);
    found.set(refName({ table, id: String(value[table.id.property]) }), { value, version });
  }

  private readOf(names: readonly string[], lock: boolean): Read {
    const key = `${lock} ${names.join(' ')}`;
    let read = this.reads.get(key);
    if (!read) {
      const tables = names.map((name) => this.tableOf(name));
      const text = lock ? lockText(tables) : loadText(tables);
      const hash = createHash('sha256').update(text).digest('hex').slice(0, 12);
      read = { name: `load_states_${hash}`, text };
      this.reads.set(key, read);
    }
    return read;
  }

  private tableOf(name: string): EntityStates {
    const table = this.tables.get(name);
    if (!table) throw new TypeError(`the service declares no table ${name}`);
    return table;
  }
}

const instantsOf = ({ columns }: EntityStates): readonly string[] =>
  columns.filter(({ type }) => type === 'timestamptz').map(({ property }) => property);

function idsByTable(refs: readonly StateRef[]): ReadonlyMap<string, ReadonlySet<string>> {
  const wanted = new Map<string, Set<string>>();
  const sorted = [...refs].sort((a, b) => (a.table.table < b.table.table ? -1 : 1));
  for (const { table, id } of sorted) {
    const known = wanted.get(table.table);
    if (known) known.add(id);
    else wanted.set(table.table, new Set([id]));
  }
  return wanted;
}

function selectText({ table, columns, id }: EntityStates, place: number, lock: boolean): string {
  const selected = columns.map(({ sql, property }) => `${sql} ${quoted(property)}`);
  return `select ${selected.join(', ')}, version "_version" from ${quoted(table)}
    where ${id.sql} = any($${place + 1}::${id.type}[])${lock ? ` order by ${id.sql} for update` : ''}`;
}

const asJson = ({ table }: EntityStates, from: string): string =>
  `select '${table.replaceAll("'", "''")}' t, row_to_json(r) v from ${from} r`;

const loadText = (tables: readonly EntityStates[]): string =>
  tables.map((table, i) => asJson(table, `(${selectText(table, i, false)})`)).join('\nunion all ');

/** A union cannot lock. Queries in `with` can, and the union runs them one after another, so in table order. */
const lockText = (tables: readonly EntityStates[]): string =>
  `with ${tables.map((table, i) => `t${i} as materialized (${selectText(table, i, true)})`).join(',\n')}
  ${tables.map((table, i) => asJson(table, `t${i}`)).join('\nunion all ')}`;
