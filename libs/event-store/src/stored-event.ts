import type { Stream, StreamEvent } from '@waybill/messaging';

/** An event with its `version` in its stream and its `position` among all events of the service. */
export interface StoredEvent<E extends StreamEvent = StreamEvent> {
  readonly position: number;
  readonly streamId: string;
  readonly version: number;
  readonly event: E;
  readonly at: string;
  readonly messageId: string;
}

/** A row of an event table, as `pg` returns it. */
export interface EventRow {
  readonly position: string;
  readonly stream_id: string;
  readonly version: string;
  readonly type: string;
  readonly data: object;
  readonly at: Date;
  readonly message_id: string;
}

export const eventColumns = 'position, stream_id, version, type, data, at, message_id';

export const storedEvent = (row: EventRow): StoredEvent => ({
  position: Number(row.position),
  streamId: row.stream_id,
  version: Number(row.version),
  event: { type: row.type, data: row.data },
  at: row.at.toISOString(),
  messageId: row.message_id,
});

/** The state of a stream after some of its events. */
export interface Rebuilt<S> {
  readonly state: S;
  readonly version: number;
}

/** The state after `events`, which start at the beginning of the stream; `undefined` if there are none. */
export function folded<S extends object, E extends StreamEvent>(
  { stream }: Stream<S, E>,
  events: readonly StoredEvent<E>[],
): Rebuilt<S> | undefined {
  const state = events.reduce<S | undefined>(
    (before, { event, streamId: id, version, at }) =>
      stream.evolve(before, event, { id, version, at }),
    undefined,
  );
  const version = events.at(-1)?.version;
  return state === undefined || version === undefined ? undefined : { state, version };
}
