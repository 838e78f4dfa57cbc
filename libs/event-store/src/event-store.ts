import { newId } from '@waybill/message';
import {
  BatchConflict,
  emptyBatch,
  type Loaded,
  refName,
  type StateTable,
  type Store,
  type StreamEvent,
} from '@waybill/messaging';
import { type EntityStream, quoted } from '@waybill/persistence';
import type { Pool } from 'pg';
import { FoldCheck, type FoldDifference, type Histories } from './fold-check.ts';
import {
  type EventRow,
  eventColumns,
  folded,
  type Rebuilt,
  type StoredEvent,
  storedEvent,
} from './stored-event.ts';
import { type EventUpcasters, type Upcast, upcasting } from './upcasters.ts';

/** Another writer has appended since the version that was read. */
export class ConcurrencyConflict extends Error {
  readonly code = 'concurrency_conflict';
  constructor(streamId: string, expected: number) {
    super(`stream ${streamId} has moved on from version ${expected}`);
    this.name = 'ConcurrencyConflict';
  }
}

/** Which stream to read, from which database, and how older data is converted (default: not at all). */
export interface EventStoreOptions<S extends object, E extends StreamEvent> {
  readonly stream: EntityStream<S, E>;
  readonly pool: Pool;
  readonly upcasters?: EventUpcasters;
}

/** A pool, or a connection with its own transaction. */
export type Queryable = Pick<Pool, 'query'>;

/**
 * Reads the events of one kind of stream. Batches append to it; `append` is for tools and repairs. Positions are
 * assigned in commit order, so a reader that has seen one has seen all before it.
 */
export class EventStore<S extends object, E extends StreamEvent> {
  private readonly stream: EntityStream<S, E>;
  private readonly pool: Pool;
  private readonly upcast: Upcast;
  private readonly events: string;

  constructor(options: EventStoreOptions<S, E>) {
    this.stream = options.stream;
    this.pool = options.pool;
    this.upcast = upcasting(options.upcasters ?? {});
    this.events = quoted(options.stream.stream.table);
  }

  /** The events of one stream, in order; `after` is exclusive, `upTo` inclusive. */
  async history(
    streamId: string,
    options: { after?: number; upTo?: number } = {},
  ): Promise<readonly StoredEvent<E>[]> {
    return await this.read(
      this.pool,
      'stream_id = $1 and version > $2 and version <= $3 order by version',
      [streamId, options.after ?? 0, options.upTo ?? Number.MAX_SAFE_INTEGER],
    );
  }

  /**
   * The events of all streams by position, from the one after `after`; at most `limit`, default 500. With `types`, only events
   * of these types.
   */
  async readAll(
    after: number,
    limit = 500,
    on: Queryable = this.pool,
    types?: readonly E['type'][],
  ): Promise<readonly StoredEvent<E>[]> {
    const chosen = types ? ' and type = any($3)' : '';
    return await this.read(on, `position > $1${chosen} order by position limit $2`, [
      after,
      limit,
      ...(types ? [types] : []),
    ]);
  }

  /** The events of several streams, ordered by stream and version. */
  async histories(
    streamIds: readonly string[],
    on: Queryable = this.pool,
  ): Promise<readonly StoredEvent<E>[]> {
    const condition = `stream_id = any($1::${this.stream.id.type}[]) order by stream_id, version`;
    return await this.read(on, condition, [streamIds]);
  }

  /** The state folded from its events, independent of the stored row; `undefined` for a stream without events. */
  async rebuild(
    streamId: string,
    options: { upTo?: number } = {},
  ): Promise<Rebuilt<S> | undefined> {
    return folded(this.stream, await this.history(streamId, options));
  }

  /** Compares every stored row with the fold of its events, page by page; returns the differences. */
  async verifyFold(options: { pageSize?: number } = {}): Promise<readonly FoldDifference[]> {
    const histories: Histories<E> = (ids, on) => this.histories(ids, on);
    return await new FoldCheck(this.stream, this.pool, histories).run(options.pageSize ?? 500);
  }

  /**
   * Appends outside a batch; throws `ConcurrencyConflict` unless the stream is at `expectedVersion` (0: no events yet).
   */
  async append(
    store: Store,
    streamId: string,
    expectedVersion: number,
    events: readonly [E, ...E[]],
    options: { at?: Date; messageId?: string } = {},
  ): Promise<Rebuilt<S>> {
    const ref = this.stream.at(streamId) as never;
    const loaded = (await store.load([ref])).get(refName(ref));
    const found = loaded?.version ?? 0;
    if (found !== expectedVersion) throw new ConcurrencyConflict(streamId, expectedVersion);
    try {
      return await this.commit(store, streamId, loaded, events, options);
    } catch (error) {
      if (error instanceof BatchConflict) throw new ConcurrencyConflict(streamId, expectedVersion);
      throw error;
    }
  }

  private async commit(
    store: Store,
    streamId: string,
    loaded: Loaded | undefined,
    events: readonly E[],
    options: { at?: Date; messageId?: string },
  ): Promise<Rebuilt<S>> {
    const at = (options.at ?? new Date()).toISOString();
    const messageId = options.messageId ?? newId();
    const table = this.stream as unknown as StateTable;
    const from = loaded?.version ?? 0;
    const writes = events.map((event, index) => {
      const version = from + index + 1;
      return { table, streamId, version, event, at, messageId };
    });
    const state = writes.reduce(
      (before, { event, version }) =>
        this.stream.stream.evolve(before, event, { id: streamId, version, at }),
      loaded?.value as S | undefined,
    ) as S;
    const version = from + events.length;
    const states = [{ table, id: streamId, value: state, loaded: from, version }];
    await store.commit({ ...emptyBatch, states, events: writes });
    return { state, version };
  }

  private async read(
    on: Queryable,
    condition: string,
    values: unknown[],
  ): Promise<readonly StoredEvent<E>[]> {
    const { rows } = await on.query<EventRow>(
      `select ${eventColumns} from ${this.events} where ${condition}`,
      values,
    );
    return rows.map((row) => {
      const stored = storedEvent(row);
      return { ...stored, event: this.upcast(stored.event) as E };
    });
  }
}
