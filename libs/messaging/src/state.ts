/** SQL types a declared column may have. `timestamptz` is an RFC 3339 string in TypeScript, `bigint` a safe integer. */
export type ColumnType =
  | 'text'
  | 'uuid'
  | 'integer'
  | 'bigint'
  | 'boolean'
  | 'timestamptz'
  | 'jsonb';

/** camelCase property → SQL type; the column has the snake_case name. */
export type Columns<S> = { readonly [P in keyof S & string]-?: ColumnType };

/** Names one state: a row of a declared table. */
export interface StateRef<S extends object = object> {
  readonly table: StateTable<S>;
  readonly id: string;
  /** As a rule there is no such row yet: it is not looked for, and the commit tells when there is one. */
  readonly isNew?: boolean;
}

/** What a decision changes. Made by `put`, `append` and `entry`, never by hand. */
export type Change =
  | { readonly kind: 'put'; readonly ref: StateRef; readonly value: object }
  | { readonly kind: 'append'; readonly ref: StateRef; readonly events: readonly StreamEvent[] }
  | { readonly kind: 'entry'; readonly journal: Journal; readonly row: object };

/** An event of a stream: a type, and data that JSON can hold. */
export interface StreamEvent {
  readonly type: string;
  readonly data: object;
}

/**
 * A table of versioned states, one row an id. The runtime loads a row before a decision and writes it back
 * only at the version it loaded, so two writers can never overwrite each other. `shared` rows belong to many
 * keys (stock): where several processes write them, they are locked in id order instead. The table has the columns declared here and
 * `version bigint not null`.
 */
export interface StateTable<S extends object = object> {
  readonly table: string;
  /** The property that is the primary key. */
  readonly idProperty: string;
  readonly columns: Readonly<Record<string, ColumnType>>;
  readonly shared: boolean;
  /** Columns that hardly ever change after the first write: a write that leaves them alone does not send them. */
  readonly seldom: readonly string[];
  /** Columns that an earlier release still writes; this one neither reads nor writes them, and a later migration drops them. */
  readonly retired?: Readonly<Record<string, ColumnType>>;
  /** Present on event-sourced states. */
  readonly stream?: StreamOptions<S>;
  at(id: string): StateRef<S>;
  put(value: S): Change;
}

/** How a stream folds its events; `table` is the event table, `positioned` events get a gapless global position. */
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

/** An append-only table; rows are never changed, unique keys are its guards. */
export interface Journal<R extends object = object> {
  readonly table: string;
  readonly columns: Readonly<Record<string, ColumnType>>;
  entry(row: R): Change;
}

/** Declares a table of states. */
export function states<S extends object>(options: {
  table: string;
  id: keyof S & string;
  columns: Columns<S>;
  shared?: boolean;
  seldom?: readonly (keyof S & string)[];
  retired?: Readonly<Record<string, ColumnType>>;
}): StateTable<S> {
  const made: StateTable<S> = {
    table: options.table,
    idProperty: options.id,
    columns: options.columns,
    shared: options.shared ?? false,
    seldom: options.seldom ?? [],
    ...(options.retired ? { retired: options.retired } : {}),
    at: (id) => ({ table: made, id }),
    put: (value) => ({
      kind: 'put',
      ref: { table: made as unknown as StateTable, id: String(value[options.id]) },
      value,
    }),
  };
  return made;
}

/** Declares an event-sourced state: `table` holds the fold, `events` the stream (see `@waybill/event-store`). */
export function stream<S extends object, E extends StreamEvent>(options: {
  table: string;
  events: string;
  id: keyof S & string;
  columns: Columns<S>;
  seldom?: readonly (keyof S & string)[];
  evolve: (state: S | undefined, event: E, at: { id: string; version: number; at: string }) => S;
}): Stream<S, E> {
  const made: Stream<S, E> = {
    ...states<S>({
      table: options.table,
      id: options.id,
      columns: options.columns,
      seldom: options.seldom ?? [],
    }),
    stream: { table: options.events, evolve: options.evolve as StreamOptions<S>['evolve'] },
    at: (id) => ({ table: made, id }),
    append: (id, ...events) => ({
      kind: 'append',
      ref: { table: made as unknown as StateTable, id },
      events,
    }),
  };
  return made;
}

/** Declares an append-only table. */
export function journal<R extends object>(options: {
  table: string;
  columns: Columns<R>;
}): Journal<R> {
  const made: Journal<R> = {
    table: options.table,
    columns: options.columns,
    entry: (row) => ({ kind: 'entry', journal: made as unknown as Journal, row }),
  };
  return made;
}

/** The name of a ref, unique within a service. */
export const refName = (ref: StateRef): string => `${ref.table.table}/${ref.id}`;
