import pg, { type Pool, type PoolClient } from 'pg';
import { DataSource } from 'typeorm';
import { SnakeCaseNaming } from './column-name.ts';
import { entitiesOf, type MigrationClass, type Stored } from './stored.ts';
import { libraryMigrations } from './tables/library-migrations.ts';

export interface ServiceDataSourceOptions extends Partial<Stored> {
  /** Connection string of the service's own database. */
  readonly url: string;
  /** Shown in `pg_stat_activity`. */
  readonly name: string;
  readonly poolSize?: number;
  /** Where a caller may wait longer than a service lets it. Milliseconds, names as in `pg`. */
  readonly timeouts?: Partial<typeof hotPathTimeouts>;
}

/** No statement may hang, because the hot path holds locks and a caller waits. */
const hotPathTimeouts = {
  statement_timeout: 10_000,
  lock_timeout: 5_000,
  idle_in_transaction_session_timeout: 10_000,
  query_timeout: 15_000,
  connectionTimeoutMillis: 5_000,
};

/** The migrations of a database, and the table that records which of them ran. */
export interface MigrationSet {
  readonly table: string;
  readonly migrations: readonly MigrationClass[];
}

/** What the library needs in a database whose data source belongs to the application: its own tables, then `more`. */
export const besideApplication = (more: readonly MigrationClass[] = []): MigrationSet => ({
  table: 'waybill_migration',
  migrations: [...libraryMigrations, ...more],
});

/** The DataSource of a service, not yet initialized: its entities, all migrations, one pool with timeouts. */
export function serviceDataSource(options: ServiceDataSourceOptions): DataSource {
  const dataSource = new DataSource({
    type: 'postgres',
    // Otherwise TypeORM searches the file system for it.
    driver: pg,
    url: options.url,
    applicationName: `waybill-${options.name}`,
    poolSize: options.poolSize ?? 8,
    entities: entitiesOf(options),
    migrations: [...libraryMigrations, ...(options.migrations ?? [])],
    migrationsTableName: 'migration',
    migrationsTransactionMode: 'each',
    namingStrategy: new SnakeCaseNaming(),
    synchronize: false,
    logging: false,
    installExtensions: false,
    extra: { ...hotPathTimeouts, ...options.timeouts, keepAlive: true },
  });
  // TypeORM supports only int4 for version columns.
  dataSource.driver.mappedDataTypes.version = 'bigint';
  return dataSource;
}

const guarded = new WeakSet<object>();

/** The `pg` pool of an initialized DataSource. A broken connection fails its query and never ends the process. */
export function poolOf(dataSource: DataSource): Pool {
  const pool = (dataSource.driver as unknown as { master: Pool }).master;
  if (!guarded.has(pool)) {
    guarded.add(pool);
    pool.on('error', ignore);
    pool.on('acquire', guard);
  }
  return pool;
}

function guard(client: PoolClient): void {
  if (guarded.has(client)) return;
  guarded.add(client);
  client.on('error', ignore);
}

/** The current query is rejected with the same error, so there is nothing else to report. */
const ignore = (): void => {};
