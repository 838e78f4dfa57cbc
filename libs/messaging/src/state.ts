/** Identifies one state: a row of a declared table. */
export interface StateRef<S extends object = object> {
  readonly table: StateTable<S>;
  readonly id: string;
  /** Usually there is no such row yet: it is not read, and the commit conflicts if there is one. */
  readonly isNew?: boolean;
}

/** What a decision changes. Made by `put`, `append` and `entry`, never by hand. */
export type Change =
  | { readonly kind: 'put'; readonly ref: StateRef; readonly value: object }
  | { readonly kind: 'append'; readonly ref: StateRef; readonly events: readonly StreamEvent[] }
  | { readonly kind: 'entry'; readonly table: AppendOnlyTable; readonly row: object };

/** An event of a stream: a type, and data that JSON can hold. */
export interface StreamEvent {
  readonly type: string;
  readonly data: object;
}

/**
 * A table of versioned states, one row per id. The runtime loads a row before a decision and writes it
 * back only at the version that it loaded, so two writers never overwrite each other. `shared` rows
 * belong to many keys (stock): where several processes write them, they are locked in id order instead.
 */
export interface StateTable<S extends object = object> {
  readonly table: string;
  readonly shared: boolean;
  /** Only on event-sourced states. */
  readonly stream?: StreamOptions<S>;
  at(id: string): StateRef<S>;
  put(value: S): Change;
}

/** How a stream folds its events; `table` is the event table. */
export interface StreamOptions<S extends object> {
  readonly table: string;
  // A method, so that a table of any row type is a table of objects.
  evolve(
    state: S | undefined,
    event: StreamEvent,
    at: { id: string; version: number; at: string },
  ): S;
}

/** An event-sourced state: the row is the fold of its events, written in the same commit. */
export interface Stream<S extends object, E extends StreamEvent> extends StateTable<S> {
  readonly stream: StreamOptions<S>;
  append(id: string, ...events: readonly E[]): Change;
}

/** A table whose rows are only inserted; its unique keys prevent a second insert. */
export interface AppendOnlyTable<R extends object = object> {
  readonly table: string;
  entry(row: R): Change;
}

/** A table of states by name, for stores that know no columns; `states` of `@waybill/persistence` makes one from an entity. */
export function stateTable<S extends object>(options: {
  table: string;
  id: keyof S & string;
  shared?: boolean;
}): StateTable<S> {
  const made: StateTable<S> = {
    table: options.table,
    shared: options.shared ?? false,
    at: (id) => ({ table: made, id }),
    put: (value) => ({ kind: 'put', ref: made.at(String(value[options.id])), value }),
  };
  return made;
}

/** Event-sourced states by name: `table` holds the fold, `events` the stream (see `@waybill/event-store`). */
export function streamTable<S extends object, E extends StreamEvent>(options: {
  table: string;
  id: keyof S & string;
  events: string;
  evolve: (state: S | undefined, event: E, at: { id: string; version: number; at: string }) => S;
}): Stream<S, E> {
  const made: Stream<S, E> = Object.assign(stateTable<S>(options), {
    stream: { table: options.events, evolve: options.evolve as StreamOptions<S>['evolve'] },
    append: (id: string, ...events: readonly E[]): Change => ({
      kind: 'append',
      ref: made.at(id),
      events,
    }),
  });
  return made;
}

/** An append-only table by name. */
export function appendOnlyTable<R extends object>(table: string): AppendOnlyTable<R> {
  const made: AppendOnlyTable<R> = {
    table,
    entry: (row) => ({ kind: 'entry', table: made, row }),
  };
  return made;
}

/** The name of a state, unique within a service. */
export const refName = (ref: StateRef): string => `${ref.table.table}/${ref.id}`;
