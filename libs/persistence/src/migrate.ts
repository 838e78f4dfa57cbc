import type { Pool } from 'pg';
import { DataSource } from 'typeorm';
import { commitBatch } from './commit-batch/commit-batch-sql.ts';
import { type MigrationSet, poolOf } from './data-source.ts';
import { InboxPartitions } from './inbox-partitions.ts';
import type { Stored } from './stored.ts';

/** An arbitrary number, the same everywhere: migrations of one database run one after another. */
const migrationLock = 7_221_408;

/**
 * Brings the database of a service to the state this release needs: migrations, each in its own transaction, the
 * function that commits batches, and the inbox partitions. Safe to run in several processes at once. Returns the names
 * of the migrations that ran.
 */
export async function migrate(
  dataSource: DataSource,
  tables: Stored['tables'],
  beside?: MigrationSet,
): Promise<string[]> {
  const { extra } = dataSource.options as { extra?: object };
  // Migrations use tables, not the entities of a later release.
  const patient = new DataSource({
    ...dataSource.options,
    ...(beside ? only(beside) : {}),
    entities: [],
    poolSize: 3,
    extra: { ...extra, ...unlimited },
  } as never);
  await patient.initialize();
  try {
    return await underLock(poolOf(patient), async (pool) => {
      const ran = await patient.runMigrations({ transaction: 'each' });
      await pool.query(commitBatch(tables).create);
      await new InboxPartitions(pool).ensure();
      return ran.map(({ name }) => name);
    });
  } finally {
    await patient.destroy();
  }
}

/** A migration may take longer than the statements of the service may. */
const unlimited = {
  statement_timeout: 0,
  lock_timeout: 0,
  idle_in_transaction_session_timeout: 0,
  query_timeout: 0,
};

/** Disables what the application does itself with its data source. */
const only = ({ table, migrations }: MigrationSet) => ({
  subscribers: [],
  migrations: [...migrations],
  migrationsTableName: table,
  migrationsTransactionMode: 'each',
  migrationsRun: false,
  synchronize: false,
  dropSchema: false,
});

async function underLock<T>(pool: Pool, run: (pool: Pool) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  try {
    await client.query('select pg_advisory_lock($1)', [migrationLock]);
    return await run(pool);
  } finally {
    // Ending the session releases the lock, whatever state the session is in.
    client.release(true);
  }
}

/** Names of migrations that the database lacks. The service is not ready while there are any. */
export async function pendingMigrations(
  dataSource: DataSource,
  beside?: MigrationSet,
): Promise<string[]> {
  const all = beside ? beside.migrations.map((Each) => new Each()) : dataSource.migrations;
  const names = all.map((each) => each.name ?? each.constructor.name);
  const table = beside?.table ?? 'migration';
  const pool = poolOf(dataSource);
  const known = await pool.query<{ found: boolean }>(
    'select to_regclass($1) is not null as found',
    [table],
  );
  if (!known.rows[0]?.found) return names;
  const { rows } = await pool.query<{ name: string }>(`select name from ${table}`);
  const done = new Set(rows.map(({ name }) => name));
  return names.filter((name) => !done.has(name));
}
