/**
 * How far a message has come. `pending`: it waits; `processing`: a consumer has it; `completed`; `failed`: an attempt
 * failed, and there will be another; `dead`: it became a dead letter, or such a letter was discarded.
 */
export const messageStates = ['pending', 'processing', 'completed', 'failed', 'dead'] as const;

/** See `messageStates`. */
export type MessageState = (typeof messageStates)[number];

/** Where a service can have a message. */
export const messagePlaces = ['outbox', 'broker', 'inbox', 'deferred', 'dead-letter'] as const;

/** Where a message is, or where it ended. */
export interface MessagePlace {
  readonly place: (typeof messagePlaces)[number];
  readonly service: string;
  /** Null in the outbox, which is before all groups. */
  readonly group: string | null;
  readonly state: MessageState;
  readonly type: string | null;
  readonly channel: string | null;
  readonly partition: number | null;
  /** Null where the broker does not number messages, or no longer shows this one. */
  readonly offset: number | null;
  readonly attempt: number | null;
  readonly at: string | null;
  /** When it is processed next, if that is known. */
  readonly dueAt: string | null;
  readonly error: string | null;
  /** The id of its dead letter. */
  readonly deadLetterId: string | null;
}

/** A message that a group has stored for later. */
export interface DeferredMessage {
  /** Ascends within a service, in the order in which they were deferred. */
  readonly seq: number;
  readonly service: string;
  readonly group: string;
  readonly messageId: string;
  readonly type: string | null;
  readonly channel: string;
  readonly partition: number;
  readonly key: string;
  readonly attempt: number;
  /** `retry` after a failure, `calling` an external system, `blocked` by an earlier message of its key, and so on. */
  readonly reason: 'retry' | 'calling' | 'blocked' | 'newer' | 'redriven' | 'held';
  readonly error: string | null;
  readonly firstAt: string;
  readonly dueAt: string | null;
}

/** The messages of one service, wherever it runs. */
export interface MessageAccess {
  /** Every place where the service has the message, or has had it; empty if it does not know it. */
  places(id: string): Promise<readonly MessagePlace[]>;
  /** At most `limit` deferred messages after the one with the number `after`, oldest first. */
  deferred(
    filter: { readonly group?: string },
    limit: number,
    after?: number,
  ): Promise<readonly DeferredMessage[]>;
}
