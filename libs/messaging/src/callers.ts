import { type Envelope, type Message, newId, sealFirst } from '@waybill/message';
import type { Clock } from './clock.ts';
import type { Intake } from './intake.ts';
import { type SubmitOptions, Unavailable } from './submitter.ts';
import type { Work } from './work.ts';

export interface CallersOptions {
  readonly service: string;
  readonly clock: Clock;
  readonly intake: Pick<Intake, 'called'>;
  readonly take: (work: Work) => void;
}

/** Callers within this process: their messages go the way of all others, and they get an answer in time. */
export class Callers {
  constructor(private readonly options: CallersOptions) {}

  /** Resolves with the answer of the decision after its commit; rejects with its error, or when time is up. */
  submit<A>(message: Message, how: SubmitOptions): Promise<A> {
    const envelope = this.sealed(message, how);
    return new Promise<A>((resolve, reject) => {
      const inTime = this.options.clock.after(how.deadline ?? 5_000, () =>
        reject(new Unavailable('the database did not answer in time')),
      );
      const work = this.options.intake.called(message, envelope, {
        resolve: (answer) => {
          inTime();
          resolve(answer as A);
        },
        reject: (error) => {
          inTime();
          reject(error);
        },
      });
      this.options.take(work);
    });
  }

  private sealed(message: Message, how: SubmitOptions): Envelope {
    const now = this.options.clock.now();
    const id = how.id ?? newId(now);
    const cause = {
      id,
      correlationId: how.correlationId ?? id,
      traceparent: how.traceparent ?? null,
    };
    return sealFirst(message, { cause, source: this.options.service, now });
  }
}
