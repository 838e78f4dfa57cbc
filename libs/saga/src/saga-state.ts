/** `running` goes forward, `compensating` undoes; the other two are settled and final. */
export type SagaStatus = 'running' | 'compensating' | 'completed' | 'aborted';

/**
 * What the saga waits for: `sending`, the broker's confirm of its command; `waiting`, the reply, until the reply timeout;
 * `settled`, nothing.
 */
export type SagaPhase = 'sending' | 'waiting' | 'settled';

/** What happened at a step. `did` is a step of the saga's own service; `unknown` a command that is a dead letter. */
export type SagaHappening =
  | 'sent'
  | 'resent'
  | 'did'
  | 'delayed'
  | 'succeeded'
  | 'failed'
  | 'timed-out'
  | 'unknown'
  | 'cancelled'
  | 'compensated'
  | 'undo-sent'
  | 'undone'
  | 'cancel-requested'
  | 'completed'
  | 'aborted';

/** A line of a saga's log, kept in the journey of its key; `times` counts consecutive repetitions, from `since` to `at`. */
export interface SagaLogEntry {
  readonly at: string;
  readonly since?: string;
  readonly step: string | null;
  readonly what: SagaHappening;
  readonly detail?: string;
  readonly times?: number;
}

/** A saga between two messages, as one flat row. */
export interface SagaState<D = unknown> {
  readonly id: string;
  readonly saga: string;
  readonly definitionVersion: number;
  /** The id of the saga's subject. */
  readonly key: string;
  readonly status: SagaStatus;
  /** The step that is being done or undone; the last one when settled. */
  readonly step: string;
  readonly phase: SagaPhase;
  /** Why it aborts: a rejection reason, or `cancelled`. */
  readonly reason: string | null;
  readonly data: D;
  /** Steps still to undo, in order; the first one is being undone. */
  readonly undoing: readonly string[];
  /** When the timer checks again; null when settled. */
  readonly dueAt: string | null;
  /** How often the command under way was sent. */
  readonly attempts: number;
  /** It can no longer be aborted and does not proceed by itself: an operator should look at it. */
  readonly stuck: boolean;
  /** The reason of a cancel that came too late to abort; another saga cancels this one when it has completed. */
  readonly cancelRequested: string | null;
  readonly startedAt: string;
  readonly updatedAt: string;
}

/** The reason of an abort that was requested. */
export const cancelled = 'cancelled';

/** The reason of an abort after a missing reply or a dead letter. */
export const noAnswer = 'timed_out';

/** The id of the saga's row, derived from the key alone, so that a reply finds the row. */
export const sagaId = (saga: { readonly name: string }, key: string): string =>
  `${saga.name}:${key}`;

/** Whether the saga has completed or aborted. */
export const isSettled = (state: Pick<SagaState, 'status'>): boolean =>
  state.status === 'completed' || state.status === 'aborted';
