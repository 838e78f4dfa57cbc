import {
  type AppendOnlyTable,
  appendOnlyTable,
  type StateTable,
  type Stream,
  type StreamEvent,
  stateTable,
  streamTable,
} from '@waybill/messaging';
import { type EntityColumn, type EntityOf, type EntityTable, tableOf } from './entity-columns.ts';

/** A table of states, declared by an entity. */
export interface EntityStates<S extends object = object> extends StateTable<S>, EntityTable {
  readonly id: EntityColumn;
  /** Properties that rarely change after the first write; a write that leaves them unchanged omits them. */
  readonly seldom: readonly string[];
}

/** Event-sourced states; an entity declares each of the two tables. */
export interface EntityStream<S extends object = object, E extends StreamEvent = StreamEvent>
  extends Stream<S, E>,
    Omit<EntityStates<S>, 'stream'> {
  readonly events: EntityOf<object>;
}

/** An append-only table, declared by an entity. */
export interface EntityEntries<R extends object = object> extends AppendOnlyTable<R>, EntityTable {}

export const isStates = (table: EntityTable): table is EntityStates => 'put' in table;
export const isAppendOnly = (table: EntityTable): table is EntityEntries => 'entry' in table;

/** A state is a row without its version. */
type StateOf<E> = E extends { version: number } ? Omit<E, 'version'> : E;

/**
 * The rows of an entity as states: one primary column, and a `@VersionColumn` that batches maintain. Pass the type of
 * the state where the entity implements it: `states<Payment>(PaymentEntity)`.
 */
export function states<S extends object>(
  entity: EntityOf<S>,
  options: { shared?: boolean; seldom?: readonly (keyof S & string)[] } = {},
): EntityStates<StateOf<S> & object> {
  const { shared = false } = options;
  const { id, ...read } = versioned(entity);
  const table = stateTable<StateOf<S> & object>({
    table: read.table,
    id: id.property as never,
    shared,
  });
  return Object.assign(table, { ...read, id, seldom: options.seldom ?? [] });
}

/** The rows of an entity as folds of their events, which are rows of another entity (see `@waybill/event-store`). */
export function stream<S extends object, E extends StreamEvent>(
  entity: EntityOf<S>,
  events: EntityOf<object>,
  options: {
    evolve: (state: S | undefined, event: E, at: { id: string; version: number; at: string }) => S;
    seldom?: readonly (keyof S & string)[];
  },
): EntityStream<S, E> {
  const { id, ...read } = versioned(entity);
  const table = streamTable<S, E>({
    table: read.table,
    id: id.property as never,
    events: tableOf(events).table,
    evolve: options.evolve,
  });
  return Object.assign(table, { ...read, id, events, seldom: options.seldom ?? [] });
}

/** The rows of an entity as entries: only inserted, never read by a decision. */
export function appendOnly<R extends object>(entity: EntityOf<R>): EntityEntries<R> {
  const { columns, table } = tableOf(entity);
  return Object.assign(appendOnlyTable<R>(table), { entity, columns });
}

function versioned(entity: EntityOf<object>): EntityTable & { readonly id: EntityColumn } {
  const { table, columns, keys, isVersioned } = tableOf(entity);
  const [id, ...others] = keys;
  if (!id || others.length > 0) throw new TypeError(`${entity.name} needs one primary column`);
  if (!isVersioned) throw new TypeError(`${entity.name} needs a @VersionColumn(bigint) version`);
  return { entity, table, columns, id };
}
