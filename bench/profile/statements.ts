import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { EmbeddedPostgres } from '@waybill/embedded-postgres';
import { Client } from 'pg';

/** The costs of one statement of one database since the last reset. */
export interface Statement {
  readonly database: string;
  readonly text: string;
  /** False for a statement inside a function; its time is also included in the function's call. */
  readonly topLevel: boolean;
  readonly calls: number;
  readonly rows: number;
  readonly execMicroseconds: number;
  readonly planMicroseconds: number;
  readonly walBytes: number;
}

/** Rows written to a table since the cluster was created. */
export interface TableActivity {
  readonly inserted: number;
  readonly updated: number;
  /** The heap-only updates among them, which touched no index. */
  readonly hot: number;
  readonly deleted: number;
}
export type TablesActivity = ReadonlyMap<string, TableActivity>;

/** Creates the cluster of a system before its first start, configured to count its statements. */
export async function countStatements(dataDir: string): Promise<void> {
  const made = await EmbeddedPostgres.start({ dataDir });
  await made.stop();
  appendFileSync(
    join(dataDir, 'postgresql.auto.conf'),
    [
      "shared_preload_libraries = 'pg_stat_statements'",
      "pg_stat_statements.track = 'all'",
      "pg_stat_statements.track_planning = 'on'",
      '',
    ].join('\n'),
  );
}

/** The statistics of a system's PostgreSQL. */
export class PostgresStatistics {
  private constructor(private readonly clients: ReadonlyMap<string, Client>) {}

  static async of(databases: Readonly<Record<string, string>>): Promise<PostgresStatistics> {
    const clients = new Map<string, Client>();
    for (const [name, connectionString] of Object.entries(databases)) {
      const client = new Client({ connectionString });
      await client.connect();
      clients.set(name, client);
    }
    await first(clients).query('create extension if not exists pg_stat_statements');
    return new PostgresStatistics(clients);
  }

  async reset(): Promise<void> {
    await first(this.clients).query('select pg_stat_statements_reset()');
  }

  async statements(): Promise<Statement[]> {
    const { rows } = await first(this.clients).query<Statement>(`
      select d.datname "database", regexp_replace(s.query, '\\s+', ' ', 'g') "text", s.toplevel "topLevel",
             s.calls::float8 "calls", s.rows::float8 "rows", s.total_exec_time * 1000 "execMicroseconds",
             s.total_plan_time * 1000 "planMicroseconds", s.wal_bytes::float8 "walBytes"
      from pg_stat_statements s join pg_database d on d.oid = s.dbid
      where s.query !~ 'pg_stat_'
      order by s.total_exec_time + s.total_plan_time desc`);
    return rows;
  }

  async tables(): Promise<TablesActivity> {
    const all = new Map<string, TableActivity>();
    for (const [name, client] of this.clients) {
      const { rows } = await client.query<TableActivity & { table: string }>(`
        select relname "table", n_tup_ins::float8 inserted, n_tup_upd::float8 updated,
               n_tup_hot_upd::float8 hot, n_tup_del::float8 deleted from pg_stat_user_tables`);
      for (const { table, ...activity } of rows) all.set(`${name}.${table}`, activity);
    }
    return all;
  }

  async close(): Promise<void> {
    for (const client of this.clients.values()) await client.end();
  }
}

function first(clients: ReadonlyMap<string, Client>): Client {
  for (const client of clients.values()) return client;
  throw new Error('the system has no databases');
}

/** The writes between two readings. */
export function activityBetween(before: TablesActivity, after: TablesActivity): TablesActivity {
  return new Map(
    [...after].map(([name, now]) => {
      const then = before.get(name);
      return [
        name,
        {
          inserted: now.inserted - (then?.inserted ?? 0),
          updated: now.updated - (then?.updated ?? 0),
          hot: now.hot - (then?.hot ?? 0),
          deleted: now.deleted - (then?.deleted ?? 0),
        },
      ];
    }),
  );
}
