import { type Loaded, refName, type StateRef, type StateTable } from '@waybill/messaging';
import type { ClientBase, Pool } from 'pg';
import { columnName, quoted } from './column-name.ts';

interface Row {
  readonly t: string;
  readonly v: Record<string, unknown> & { _version: number };
}

/** Reads declared rows as the values that decisions see, many tables in one round trip. */
export class StateReader {
  private readonly instants = new Map<StateTable, readonly string[]>();

  /** An absent row is absent from the answer. `lock` takes the row locks in (table, id) order. */
  async read(
    on: Pool | ClientBase,
    refs: readonly StateRef[],
    lock = false,
  ): Promise<Map<string, Loaded>> {
    const found = new Map<string, Loaded>();
    if (refs.length === 0) return found;
    const wanted = idsByTable(refs);
    const tables = [...wanted.values()].map(({ table }) => table);
    const text = lock ? lockText(tables) : loadText(tables);
    const values = [...wanted.values()].map(({ ids }) => [...ids].sort());
    const name = `${lock ? 'lock' : 'load'}:${tables.map(({ table }) => table).join('+')}`.slice(
      0,
      63,
    );
    const { rows } = await on.query<Row>({ name, text, values });
    for (const { t, v } of rows) {
      const table = wanted.get(t)?.table;
      if (table) this.add(found, table, v);
    }
    return found;
  }

  private add(found: Map<string, Loaded>, table: StateTable, row: Row['v']): void {
    const { _version: version, ...value } = row;
    for (const property of this.instantsOf(table)) {
      const read = value[property];
      if (typeof read === 'string') value[property] = new Date(read).toISOString();
    }
    const id = String(value[table.idProperty]);
    found.set(refName({ table, id }), { value, version });
  }

  private instantsOf(table: StateTable): readonly string[] {
    let properties = this.instants.get(table);
    if (!properties) {
      properties = Object.keys(table.columns).filter(
        (name) => table.columns[name] === 'timestamptz',
      );
      this.instants.set(table, properties);
    }
    return properties;
  }
}

function idsByTable(refs: readonly StateRef[]) {
  const wanted = new Map<string, { table: StateTable; ids: Set<string> }>();
  const sorted = [...refs].sort((a, b) => (a.table.table < b.table.table ? -1 : 1));
  for (const { table, id } of sorted) {
    const known = wanted.get(table.table);
    if (known) known.ids.add(id);
    else wanted.set(table.table, { table, ids: new Set([id]) });
  }
  return wanted;
}

function selectText(table: StateTable, parameter: number, lock: boolean): string {
  const columns = Object.keys(table.columns).map(
    (name) => `${quoted(columnName(name))} ${quoted(name)}`,
  );
  const id = quoted(columnName(table.idProperty));
  const type = table.columns[table.idProperty];
  return `select ${columns.join(', ')}, version "_version" from ${quoted(table.table)}
    where ${id} = any($${parameter}::${type}[])${lock ? ` order by ${id} for update` : ''}`;
}

const asJson = (table: StateTable, from: string): string =>
  `select '${table.table.replaceAll("'", "''")}' t, row_to_json(r) v from ${from} r`;

const loadText = (tables: readonly StateTable[]): string =>
  tables
    .map((table, i) => asJson(table, `(${selectText(table, i + 1, false)})`))
    .join('\nunion all ');

/** A union cannot lock; queries in `with` can, and the union runs them one after another, so in table order. */
const lockText = (tables: readonly StateTable[]): string =>
  `with ${tables.map((table, i) => `t${i} as materialized (${selectText(table, i + 1, true)})`).join(',\n')}
  ${tables.map((table, i) => asJson(table, `t${i}`)).join('\nunion all ')}`;
