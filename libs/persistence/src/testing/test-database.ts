import { createHash, randomBytes } from 'node:crypto';
import { Client, type Pool } from 'pg';
import type { DataSource } from 'typeorm';
import { commitBatch } from '../commit-batch/commit-batch-sql.ts';
import { poolOf, serviceDataSource } from '../data-source.ts';
import { migrate } from '../migrate.ts';
import type { MigrationClass, Stored } from '../stored.ts';
import { libraryMigrations } from '../tables/library-migrations.ts';
import { testServer } from './test-server.ts';

export interface TestDatabaseOptions extends Partial<Stored> {
  readonly poolSize?: number;
}

/** A migrated database that belongs to one test file. */
export interface TestDatabase {
  readonly url: string;
  readonly dataSource: DataSource;
  readonly pool: Pool;
  readonly tables: Stored['tables'];
  /** Shifts the clock of leases and due times by `ms`; 0 resets it. */
  shiftClock(ms: number): Promise<void>;
  /** Ends the connections and drops the database. */
  close(): Promise<void>;
}

/** A fresh database with the tables of a service, cloned from a template that is migrated once. */
export async function testDatabase(options: TestDatabaseOptions = {}): Promise<TestDatabase> {
  const server = await testServer();
  const { tables = [] } = options;
  const name = `test_${randomBytes(6).toString('hex')}`;
  await withClient(server.url('postgres'), async (client) => {
    const template = await ensureTemplate(client, (database) => server.url(database), options);
    await client.query(`create database ${name} template ${template}`);
  });
  const url = server.url(name);
  const dataSource = serviceDataSource({ ...options, url, name: 'test' });
  await dataSource.initialize();
  const pool = poolOf(dataSource);
  return {
    url,
    dataSource,
    pool,
    tables,
    async shiftClock(ms) {
      await pool.query(
        `with before as (delete from clock_shift) insert into clock_shift values ($1 * interval '1 millisecond')`,
        [ms],
      );
    },
    async close() {
      if (dataSource.isInitialized) await dataSource.destroy();
      await withClient(server.url('postgres'), (client) =>
        client.query(`drop database if exists ${name} with (force)`),
      );
    },
  };
}

async function ensureTemplate(
  client: Client,
  urlOf: (database: string) => string,
  options: TestDatabaseOptions,
): Promise<string> {
  const migrations = [...libraryMigrations, ...(options.migrations ?? [])];
  const hash = createHash('sha256').update(commitBatch(options.tables ?? []).create);
  for (const migration of migrations) hash.update(String(migration)).update(sourceOf(migration));
  const name = `template_${hash.digest('hex').slice(0, 16)}`;
  await client.query('select pg_advisory_lock(hashtext($1))', [name]);
  const found = await client.query('select from pg_database where datname = $1', [name]);
  if (found.rowCount === 0) await makeTemplate(client, name, urlOf, options);
  await client.query('select pg_advisory_unlock(hashtext($1))', [name]);
  return name;
}

/** Includes statements that a migration keeps outside its methods, as far as they are visible. */
const sourceOf = (migration: MigrationClass): string =>
  JSON.stringify(Object.entries(new migration()));

/** Created under another name, so a failed migration never leaves an incomplete template. */
async function makeTemplate(
  client: Client,
  name: string,
  urlOf: (database: string) => string,
  options: TestDatabaseOptions,
): Promise<void> {
  const making = `making_${name}`;
  await client.query(`drop database if exists ${making} with (force)`);
  await client.query(`create database ${making}`);
  const dataSource = serviceDataSource({
    url: urlOf(making),
    name: 'test',
    migrations: options.migrations ?? [],
    poolSize: 2,
  });
  await dataSource.initialize();
  try {
    await migrate(dataSource, options.tables ?? []);
  } finally {
    await dataSource.destroy();
  }
  await client.query(`alter database ${making} rename to ${name}`);
}

async function withClient<T>(url: string, run: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: url });
  client.on('error', () => {});
  await client.connect();
  try {
    return await run(client);
  } finally {
    await client.end();
  }
}
