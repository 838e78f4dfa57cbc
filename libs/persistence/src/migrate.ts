import type { Pool } from 'pg';
import { DataSource } from 'typeorm';
import { commitBatch } from './commit-batch/commit-batch-sql.ts';
import { poolOf } from './data-source.ts';
import { InboxPartitions } from './inbox-partitions.ts';
import type { Stored } from './stored.ts';

/** Any number, the same for all: migrations of one database run one after another. */
const migrationLock = 7_221_408;

/**
 * Brings the database of a service to what this release needs: migrations, each in its transaction, the function
 * that commits its batches, and the inbox partitions. Safe to run from several places at once. Returns the names
 * of the migrations that ran.
 */
export async function migrate(dataSource: DataSource, tables: Stored['tables']): Promise<string[]> {
  // A migration may take longer than any statement of the service, and knows tables, not the entities of a later release.
  const options = { ...dataSource.options, entities: [], poolSize: 3, extra: {} };
  const patient = new DataSource(options as never);
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

async function underLock<T>(pool: Pool, run: (pool: Pool) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  try {
    await client.query('select pg_advisory_lock($1)', [migrationLock]);
    return await run(pool);
  } finally {
    // Ending the session gives the lock back, whatever state it is in.
    client.release(true);
  }
}

/** Names of migrations that the database lacks; while there are any, the service is not ready. */
export async function pendingMigrations(dataSource: DataSource): Promise<string[]> {
  const names = dataSource.migrations.map((each) => each.name ?? each.constructor.name);
  const pool = poolOf(dataSource);
  const table = await pool.query<{ found: boolean }>(
    `select to_regclass('migration') is not null as found`,
  );
  if (!table.rows[0]?.found) return names;
  const { rows } = await pool.query<{ name: string }>('select name from migration');
  const done = new Set(rows.map(({ name }) => name));
  return names.filter((name) => !done.has(name));
}
