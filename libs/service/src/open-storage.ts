import { systemClock } from '@waybill/messaging';
import {
  InboxPartitions,
  migrate,
  OutboxRelay,
  PgCrashMarks,
  PgStore,
  pendingMigrations,
  poolOf,
  serviceDataSource,
  storageSchema,
} from '@waybill/persistence';
import type { DataSource } from 'typeorm';
import type { HostConfig } from './config/host.config.ts';
import type { Log } from './observe/log.ts';
import { SparseWarnings } from './observe/sparse-warnings.ts';
import type { Host } from './running-service.ts';
import type { ServiceDefinition } from './service-definition.ts';
import type { Storage } from './storage.ts';

export interface StorageGround {
  readonly definition: ServiceDefinition;
  readonly settings: HostConfig;
  readonly host: Host;
  readonly log: Log;
}

/** Opens the PostgreSQL database of a service; an error names the setting and where it looked, never the password. */
export async function openStorage({
  definition,
  settings,
  host,
  log,
}: StorageGround): Promise<Storage> {
  const dataSource = await connect(definition, settings);
  const pool = poolOf(dataSource);
  const schema = storageSchema(definition.tables, definition.journals);
  const store = new PgStore(pool, schema);
  const clock = host.clock ?? systemClock;
  const warnings = new SparseWarnings(log, clock);
  const partitions = new InboxPartitions(pool);
  const relay = new OutboxRelay({
    pool,
    brokers: host.brokers,
    exclusive: host.exclusive ?? false,
    onError: (error, doing) =>
      warnings.warn(`relay ${doing}`, { error, doing }, 'the relay will try again'),
    clock,
  });
  return {
    dataSource,
    pool,
    store,
    relay,
    crashMarks: new PgCrashMarks(pool, definition.name, relay.owner),
    missing: async () => {
      const pending = await pendingMigrations(dataSource);
      return pending.length > 0 ? pending : missingFunction(store);
    },
    migrate: async () => {
      const ran = await migrate(dataSource, schema);
      if (ran.length > 0) log.info({ ran }, 'the database was migrated');
    },
    oldest: () => partitions.lastKnownOldest(),
    maintain: async () => {
      await partitions.look();
      return partitions.keep(settings.inboxRetentionMs, {
        clock,
        onError: (error) => log.warn({ error }, 'the inbox will be looked after in an hour'),
        onDropped: (days) => log.info({ days }, 'old days of the inbox were dropped'),
      });
    },
    close: () => dataSource.destroy(),
  };
}

/** Connects to the database of a service; an error names the setting and where it looked, never the password. */
export async function connect(
  definition: ServiceDefinition,
  settings: HostConfig,
): Promise<DataSource> {
  const dataSource = serviceDataSource({
    url: settings.databaseUrl,
    name: definition.name,
    entities: definition.entities,
    migrations: definition.migrations,
    poolSize: settings.databasePool,
  });
  try {
    return await dataSource.initialize();
  } catch (error) {
    const { host, pathname } = new URL(settings.databaseUrl);
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(
      `${definition.name} cannot reach its database ${pathname.slice(1)} at ${host} (DATABASE_URL): ${reason}`,
      { cause: error },
    );
  }
}

/** The function that commits batches has a name that changes with what it does. */
async function missingFunction(store: PgStore): Promise<readonly string[]> {
  try {
    await store.check();
    return [];
  } catch (error) {
    return [error instanceof Error ? error.message : String(error)];
  }
}
