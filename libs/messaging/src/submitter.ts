import type { Message } from '@waybill/message';
import { Refusal } from '@waybill/resilience';

/** How to submit one message. */
export interface SubmitOptions {
  /** The message id; the same id takes effect once. Default: a new one. */
  readonly id?: string;
  readonly correlationId?: string;
  readonly traceparent?: string | null;
  /** Milliseconds after which `submit` rejects with `Unavailable`; the message may still be applied. Default 5,000. */
  readonly deadline?: number;
}

/**
 * For HTTP routes: processes a local message in the batches of its service and resolves, after the commit, with the decision's
 * `answer`. Rejects with the decision's error, `Overloaded` (nothing happened) or `Unavailable` (the outcome is unknown).
 */
export abstract class Submitter {
  abstract submit<A>(message: Message, options?: SubmitOptions): Promise<A>;

  /** The error with which `submit` would refuse a message now; undefined while it accepts messages. */
  overload(): Overloaded | undefined {
    return undefined;
  }
}

/** Too many messages wait; this one was refused without effect. */
export class Overloaded extends Refusal {
  readonly code = 'overloaded';
  readonly retryAfterSeconds = 1;
  constructor(waitMs: number) {
    super(`the queue of this service is ${Math.round(waitMs)} ms long`);
    this.name = 'Overloaded';
  }
}

/** The database did not respond in time; the message may have been applied. */
export class Unavailable extends Refusal {
  readonly code = 'unavailable';
  readonly retryAfterSeconds = 2;
  constructor(what: string) {
    super(what);
    this.name = 'Unavailable';
  }
}
