import type { Message } from '@waybill/message';
import type { FailedCommand } from './failed-command.ts';
import type { SagaLogEntry, SagaState } from './saga-state.ts';

/** An input of a saga: a reply, its timer, a dead letter, or the request of a customer or an operator. */
export type SagaInput =
  | { readonly type: string; readonly data: unknown }
  /** The broker has confirmed the command: the reply timeout starts now. */
  | { readonly confirmed: string; readonly dueAt?: string }
  /** The broker has not confirmed the command yet: the timer checks again later. */
  | { readonly unconfirmed: string; readonly dueAt?: string }
  | { readonly timedOut: string; readonly dueAt?: string }
  /** The command of that type is a dead letter; it may have taken effect before it failed. */
  | { readonly stepFailed: FailedCommand }
  | { readonly cancel: string }
  | { readonly retry: true }
  /** The reason of the abort. */
  | { readonly compensate: string };

/** What the engine needs besides the message. */
export interface SagaContext {
  readonly now: Date;
  /** The reply timeout of steps without a `within`, in milliseconds; default 15 minutes. */
  readonly net?: number;
}

/** An operator's request that would do harm in the current state; answered with 409. */
export interface SagaRefusal {
  readonly code: 'saga_settled' | 'past_point_of_no_return';
  readonly detail: string;
}

/** The result of an input. `state` is the same object that was passed in when nothing changes. */
export interface SagaDecision<D = unknown> {
  readonly state: SagaState<D>;
  readonly send: readonly Message[];
  /** What happened in this decision, in order; the service turns it into events of its own. */
  readonly did: readonly SagaLogEntry[];
  /** Set only in the decision that settles the saga; `state.reason` is the reason of an abort. */
  readonly outcome?: 'completed' | 'aborted';
  readonly refused?: SagaRefusal;
  /** The beginning of the saga that follows this one, which has settled: the one that cancels it, or the one its state waits for. */
  readonly next?: SagaDecision;
}

/** The row names a step or version that this release does not know: its message waits for a release that knows it. */
export class UnknownSaga extends Error {
  readonly code = 'unknown_saga';
  readonly countsAsAttempt = false;
  constructor(what: string) {
    super(`this release knows no ${what}`);
    this.name = 'UnknownSaga';
  }
}
