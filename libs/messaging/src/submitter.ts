import type { Message } from '@waybill/message';
import { Refusal } from '@waybill/resilience';

export interface SubmitOptions {
  /** The message id; the same id twice has one effect. Default: a new one. */
  readonly id?: string;
  readonly correlationId?: string;
  readonly traceparent?: string | null;
  /** Milliseconds after which the caller is told `Unavailable`; the message may still be applied. Default 5,000. */
  readonly deadline?: number;
}

/**
 * The door for HTTP routes: runs a local message through the batches of its service and resolves, after the
 * commit, with the `answer` of its decision. Rejects with the error of its decision, with `Overloaded` before
 * anything happened, or with `Unavailable` when the outcome is not known in time.
 */
export abstract class Submitter {
  abstract submit<A>(message: Message, options?: SubmitOptions): Promise<A>;

  /** What `submit` would refuse a message with now; undefined while it takes them. */
  overload(): Overloaded | undefined {
    return undefined;
  }
}

/** Too much waits already; nothing was done. */
export class Overloaded extends Refusal {
  readonly code = 'overloaded';
  readonly retryAfterSeconds = 1;
  constructor(waitMs: number) {
    super(`the queue of this service is ${Math.round(waitMs)} ms long`);
    this.name = 'Overloaded';
  }
}

/** The database did not answer in time; what was asked may have happened. */
export class Unavailable extends Refusal {
  readonly code = 'unavailable';
  readonly retryAfterSeconds = 2;
  constructor(what: string) {
    super(what);
    this.name = 'Unavailable';
  }
}
