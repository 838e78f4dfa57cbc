export { columnName, quoted, SnakeCaseNaming } from './column-name.ts';
export { PgCrashMarks } from './crash-marks.ts';
export {
  poolOf,
  type ServiceDataSourceOptions,
  serviceDataSource,
} from './data-source.ts';
export { deleteOld, type Retained } from './delete-old.ts';
export {
  bigint,
  type EntityColumn,
  type EntityOf,
  type EntityTable,
  instant,
} from './entity-columns.ts';
export {
  appendOnly,
  type EntityEntries,
  type EntityStates,
  type EntityStream,
  states,
  stream,
} from './entity-tables.ts';
export { handledOf, pageKey } from './handled.ts';
export { InboxPartitions } from './inbox-partitions.ts';
export { migrate, pendingMigrations } from './migrate.ts';
export { Outbox, TransactionRequired } from './outbox.ts';
export {
  connectDatabase,
  PERSISTENCE_OPTIONS,
  type PersistenceAsyncOptions,
  PersistenceModule,
  type PersistenceOptions,
  STORED,
  type StoredIn,
} from './persistence.module.ts';
export { PgStorage, type PgStorageOptions } from './pg-storage.ts';
export { PgStore } from './pg-store.ts';
export { readByIndex } from './read-by-index.ts';
export { columnsIn, type Rebuilt, rebuildTable } from './rebuild-table.ts';
export { OutboxRelay, outboxPartitionOf } from './relay/outbox-relay.ts';
export type { OutboxRelayOptions, RelayStats } from './relay/outbox-relay-options.ts';
export type { OutboxLag } from './relay/outbox-table.ts';
export { storeFailure } from './store-failure.ts';
export type { MigrationClass, Stored } from './stored.ts';
export { MessagingTables1763683200000 } from './tables/messaging-tables.ts';
export { LeaseLost, TaskLease, TaskLeases } from './task-leases.ts';
export { type WrittenMessage, writtenBatches } from './written-batches.ts';
