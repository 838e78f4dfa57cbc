import type { OutboxRow, Outcome } from './store.ts';

/** The outcome of one message in one group. */
export interface Finished {
  readonly group: string;
  readonly type: string;
  readonly channel: string;
  readonly outcome: Outcome | 'duplicate';
  readonly attempt: number;
  /** From its arrival to its commit. */
  readonly durationMs: number;
  /** It had failed before, and was processed again. */
  readonly retried: boolean;
  /** `malformed`: unreadable, or its data break the schema; `failed`: a try failed for another reason. Null: it did not fail. */
  readonly failure: 'failed' | 'malformed' | null;
  /** It came too late to have an effect. */
  readonly late?: true;
}

/** A message that was committed to the outbox, or published without one. */
export type Sent = Pick<OutboxRow, 'channel' | 'broker' | 'bytes'>;

/** Receives the events of a consumer, for metrics and logs. */
export interface ConsumerObserver {
  finished(event: Finished): void;
  /** A broker has delivered a message, of so many bytes. */
  received?(group: string, channel: string, bytes: number): void;
  /** A delivery was acked; or not handled: given back, or taken away with its partition. */
  settled?(group: string, channel: string, how: 'acked' | 'nacked'): void;
  /** Messages that a batch has committed to the outbox. */
  sent?(rows: readonly Sent[]): void;
  batch(event: { readonly size: number; readonly durationMs: number }): void;
  /** What an operator may want to know, such as a database that does not respond or refuses the data of a message. */
  trouble(event: {
    readonly what: string;
    readonly group?: string;
    readonly messageId?: string;
    readonly error: unknown;
  }): void;
}

export const silentObserver: ConsumerObserver = { finished() {}, batch() {}, trouble() {} };
