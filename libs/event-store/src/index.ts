export { type Decider, fold } from './decider.ts';
export {
  ConcurrencyConflict,
  EventStore,
  type EventStoreOptions,
  type Queryable,
} from './event-store.ts';
export { createEventTable, EventStoreTables1763683250000 } from './event-tables.ts';
export type { FoldDifference } from './fold-check.ts';
export { Projection, type ProjectionOptions } from './projection.ts';
export type { Rebuilt, StoredEvent } from './stored-event.ts';
export { type EventUpcasters, type Upcast, upcasting } from './upcasters.ts';
