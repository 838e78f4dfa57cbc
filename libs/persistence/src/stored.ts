import type { MigrationInterface } from 'typeorm';
import type { EntityOf, EntityTable } from './entity-columns.ts';

/** A TypeORM migration; its class name ends in a timestamp of 13 digits. */
export type MigrationClass = new () => MigrationInterface;

/** What a service stores. */
export interface Stored {
  /** Every table that its handlers write: `states`, `stream` and `appendOnly` of its entities. */
  readonly tables: readonly EntityTable[];
  /** Entities that only repositories use. */
  readonly entities?: readonly EntityOf<object>[];
  /** The service's own migrations; the tables of the library are created before them. */
  readonly migrations: readonly MigrationClass[];
}

/** Every entity, including those of a stream's events. */
export const entitiesOf = ({ tables = [], entities = [] }: Partial<Stored>): EntityOf<object>[] => [
  ...tables.flatMap(({ entity, events }) => (events ? [entity, events] : [entity])),
  ...entities,
];
