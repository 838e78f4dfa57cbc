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
}

/** Receives the events of a consumer, for metrics and logs. */
export interface ConsumerObserver {
  finished(event: Finished): void;
  /** Messages that a batch has committed to the outbox. */
  sent?(rows: readonly OutboxRow[]): void;
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
