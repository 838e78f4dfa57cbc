import type { Message } from '@waybill/message';
import type { FailedCommand } from './failed-command.ts';
import type { SagaLogEntry, SagaState } from './saga-state.ts';

/** What a saga is told: a reply, its timer, a dead letter, or the wish of a customer or an operator. */
export type SagaInput =
  | { readonly type: string; readonly data: unknown }
  /** The broker has the command: the net runs from now on. */
  | { readonly confirmed: string; readonly dueAt?: string }
  /** The broker does not have the command yet: the net looks again later. */
  | { readonly unconfirmed: string; readonly dueAt?: string }
  | { readonly timedOut: string; readonly dueAt?: string }
  /** The command of that type is a dead letter; it may have had its effect before it died. */
  | { readonly stepFailed: FailedCommand }
  | { readonly cancel: string }
  | { readonly retry: true }
  /** The reason of the abort. */
  | { readonly compensate: string };

/** What the engine needs to know besides the message. */
export interface SagaContext {
  readonly now: Date;
  /** The net of steps without a `within`, in milliseconds; default 15 minutes. */
  readonly net?: number;
}

/** An operator's wish that would do harm now: answer 409. */
export interface SagaRefusal {
  readonly code: 'saga_settled' | 'past_point_of_no_return';
  readonly detail: string;
}

/** What a saga does on an input. `state` is the very object that came in when nothing changes. */
export interface SagaDecision<D = unknown> {
  readonly state: SagaState<D>;
  readonly send: readonly Message[];
  /** What has just happened, in order; the service turns it into events of its own. */
  readonly did: readonly SagaLogEntry[];
  /** Set in the one decision that settles the saga; `state.reason` says why it aborted. */
  readonly outcome?: 'completed' | 'aborted';
  readonly refused?: SagaRefusal;
}

/** The row names a step or version that this release does not know: its message waits for one that does. */
export class UnknownSaga extends Error {
  readonly code = 'unknown_saga';
  readonly countsAsAttempt = false;
  constructor(what: string) {
    super(`this release knows no ${what}`);
    this.name = 'UnknownSaga';
  }
}
