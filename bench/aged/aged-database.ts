import { Client } from 'pg';
import {
  type CatalogueColumn,
  type Column,
  columnsOf,
  copySample,
  countIds,
  functions,
  type GrowingTable,
  splitTexts,
  takeSample,
  withIds,
  withoutCopies,
} from './sample-sql.ts';

/** Rows that wait do not belong to finished orders. */
const notCopied = ['outbox', 'outbox_page', 'parked', 'dead_letter'];

/** Milliseconds between two copies. */
const apart = 250;

const catalogue = `
  select c.relname "table", a.attname "name", format_type(a.atttypid, null) "type",
         a.attidentity <> '' or a.attgenerated <> '' or coalesce(pg_get_expr(d.adbin, d.adrelid), '') like 'nextval(%' "generated",
         coalesce((select json_agg((select json_agg(k.attname) from pg_attribute k
             where k.attrelid = c.oid and k.attnum = any (i.indkey)))
           from pg_index i where i.indrelid = c.oid and i.indisunique and a.attnum = any (i.indkey)), '[]') "uniques"
  from pg_class c
  join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
  left join pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum
  where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
    and c.relname <> all ($1)
    and exists (select from pg_stat_user_tables s left join sample.inserted_before b using (relid)
      where (relid = c.oid or relid in (select inhrelid from pg_inherits where inhparent = c.oid))
        and s.n_tup_ins > coalesce(b.n_tup_ins, 0))
  order by c.relname, a.attnum`;

/** A unit of work: copies of the rows of one table. */
export interface Portion {
  readonly rows: number;
  run(): Promise<void>;
}

/** Splits the texts that contain ids; most contain none and are copied unchanged. */
async function withTextsSplit(
  client: Client,
  { name, columns }: GrowingTable,
): Promise<GrowingTable> {
  if (!hasTexts(columns)) return { name, columns };
  const { rows } = await client.query<Record<string, number>>(countIds({ name, columns }));
  const table = { name, columns: withIds(columns, rows[0] ?? {}) };
  if (hasTexts(table.columns)) await client.query(splitTexts(table));
  return table;
}

const hasTexts = (columns: readonly Column[]): boolean =>
  columns.some(({ kind }) => kind === 'text');

/** One database of a system, whose finished orders are copied. */
export class AgedDatabase {
  private tables: readonly GrowingTable[] = [];
  private readonly transactions = new Map<string, string[]>();

  private constructor(
    private readonly url: string,
    /** Milliseconds since 1970, the same in all databases. */
    private readonly now: number,
  ) {}

  static async of(url: string, now: number): Promise<AgedDatabase> {
    const aged = new AgedDatabase(url, now);
    await aged.run(
      ...functions,
      'create table sample.inserted_before as select relid, n_tup_ins from pg_stat_user_tables',
    );
    return aged;
  }

  /** Stores the rows that were written for orders since a transaction. */
  async takeSample(since: string): Promise<void> {
    await this.with(async (client) => {
      const { rows } = await client.query<CatalogueColumn>(catalogue, [notCopied]);
      const names = [...new Set(rows.map(({ table }) => table))];
      const found: GrowingTable[] = [];
      for (const name of names) {
        const columns = columnsOf(rows.filter(({ table }) => table === name));
        await client.query(takeSample({ name, columns }, since));
        found.push(await withTextsSplit(client, { name, columns }));
      }
      this.tables = found;
    });
  }

  /** The work for `copies` copies, in portions that can run in parallel. */
  async portions(copies: number, atOnce: number): Promise<Portion[]> {
    const all: Portion[] = [];
    await this.with(async (client) => {
      for (const table of this.tables) {
        const { rows } = await client.query<{ n: number }>(
          `select count(*)::int n from sample.${table.name}`,
        );
        const inSample = rows[0]?.n ?? 0;
        for (let first = 1; inSample > 0 && first <= copies; first += atOnce) {
          const last = Math.min(copies, first + atOnce - 1);
          const sql = copySample(table, inSample, copies);
          const run = () => this.copy(table.name, sql, first, last);
          all.push({ rows: inSample * (last - first + 1), run });
        }
      }
    });
    return all;
  }

  /** What autovacuum would have done in the meantime. */
  analyze(): Promise<void> {
    return this.run('vacuum analyze');
  }

  /** Gives `user` a schema with the current tables without the copies; returns its connection string. */
  async hideCopies(user: string): Promise<string> {
    const { rows: views } = await this.with((client) =>
      client.query<{ name: string; sql: string }>(
        "select viewname name, pg_get_viewdef(viewname::regclass) sql from pg_views where schemaname = 'public'",
      ),
    );
    await this.run(
      'create schema recent',
      ...[...this.transactions].flatMap(([table, transactions]) =>
        withoutCopies(table, transactions),
      ),
      'set search_path = recent, public',
      ...views.map(({ name, sql }) => `create view recent."${name}" as ${sql}`),
    );
    const url = new URL(this.url);
    url.username = user;
    return url.href;
  }

  private async copy(table: string, sql: string, first: number, last: number): Promise<void> {
    await this.with(async (client) => {
      await client.query('set synchronous_commit = off');
      await client.query('begin');
      const { rows } = await client.query<{ id: string }>('select pg_current_xact_id()::text id');
      await client.query(sql, [first, last, apart, this.now]);
      await client.query('commit');
      const known = this.transactions.get(table) ?? [];
      this.transactions.set(table, [...known, rows[0]?.id ?? '']);
    });
  }

  private run(...statements: readonly string[]): Promise<void> {
    return this.with(async (client) => {
      for (const statement of statements) await client.query(statement);
    });
  }

  private async with<T>(use: (client: Client) => Promise<T>): Promise<T> {
    const client = new Client({ connectionString: this.url });
    await client.connect();
    try {
      return await use(client);
    } finally {
      await client.end();
    }
  }
}
