export { type Decider, fold } from './decider.ts';
export {
  ConcurrencyConflict,
  EventStore,
  type EventStoreOptions,
  type Queryable,
} from './event-store.ts';
export { createEventTable, EventStoreTables1763683250000 } from './event-tables.ts';
export type { FoldDifference } from './fold-check.ts';
export {
  type AsOf,
  Projection,
  type ProjectionOptions,
  type ProjectionStatus,
} from './projection.ts';
export { ReadModel, type ReadModelOptions, type ReadModelStatus } from './read-model.ts';
export { ReadModelTables1796690000001 } from './read-model-tables.ts';
export type { Rebuild } from './rebuilds.ts';
export type { Rebuilt, StoredEvent } from './stored-event.ts';
export { type EventUpcasters, type Upcast, upcasting } from './upcasters.ts';
