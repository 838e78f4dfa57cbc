/** `running` goes forward, `compensating` undoes; the other two are settled for good. */
export type SagaStatus = 'running' | 'compensating' | 'completed' | 'aborted';

/**
 * What the saga waits for: `sending`, that the broker confirms its command; `waiting`, the reply, with the net
 * running; `settled`, nothing.
 */
export type SagaPhase = 'sending' | 'waiting' | 'settled';

/** What happened at a step. `did` is a step of the saga's own service; `unknown` a command that is a dead letter. */
export type SagaHappening =
  | 'sent'
  | 'resent'
  | 'did'
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

/** One line of a saga's log, which is kept in the journey of its key; `times` counts repetitions that follow each other, from `since` to `at`. */
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
  /** The id of what the saga is about. */
  readonly key: string;
  readonly status: SagaStatus;
  /** The step that is being done or undone; the last one when settled. */
  readonly step: string;
  readonly phase: SagaPhase;
  /** Why it aborts: a rejection reason, or `cancelled`. */
  readonly reason: string | null;
  readonly data: D;
  /** Steps still to undo, the next first; the first one is under way. */
  readonly undoing: readonly string[];
  /** When the net looks again; null when settled. */
  readonly dueAt: string | null;
  /** How often the command under way was sent. */
  readonly attempts: number;
  /** It cannot be given up and does not go on by itself: a person should look. */
  readonly stuck: boolean;
  /** The reason of a cancel that came too late to abort; acted on when the saga has settled. */
  readonly cancelRequested: string | null;
  readonly startedAt: string;
  readonly updatedAt: string;
}

/** The reason of an abort that was asked for. */
export const cancelled = 'cancelled';

/** The reason of an abort after a missing reply or a dead letter. */
export const noAnswer = 'timed_out';

/** The id of the saga's row, known from the key alone, so that a reply finds it. */
export const sagaId = (saga: { readonly name: string }, key: string): string =>
  `${saga.name}:${key}`;

/** Whether the saga has come to its end. */
export const isSettled = (state: Pick<SagaState, 'status'>): boolean =>
  state.status === 'completed' || state.status === 'aborted';
