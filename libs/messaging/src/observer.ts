import type { OutboxRow, Outcome } from './store.ts';

/** How one message ended in one group. */
export interface Finished {
  readonly group: string;
  readonly type: string;
  readonly channel: string;
  readonly outcome: Outcome | 'duplicate';
  readonly attempt: number;
  /** From its arrival to its commit. */
  readonly durationMs: number;
}

/** What a consumer tells about itself; metrics and logs listen. */
export interface ConsumerObserver {
  finished(event: Finished): void;
  /** Messages that a batch has committed to the outbox. */
  sent?(rows: readonly OutboxRow[]): void;
  batch(event: { readonly size: number; readonly durationMs: number }): void;
  /** Something a person may want to know: a failed attempt, a dead letter, a database that is away. */
  trouble(event: {
    readonly what: string;
    readonly group?: string;
    readonly messageId?: string;
    readonly error: unknown;
  }): void;
}

export const silentObserver: ConsumerObserver = { finished() {}, batch() {}, trouble() {} };
