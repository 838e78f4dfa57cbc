import type { Clock } from './clock.ts';
import type { DeferredRows } from './deferred-rows.ts';
import type { ExternalCalls } from './external-calls.ts';
import type { KeyQueue } from './key-queue.ts';
import type { ConsumerObserver } from './observer.ts';
import type { Tracer } from './tracer.ts';
import { isMalformed, type Result, type Work } from './work.ts';
import { endSpan } from './work-span.ts';

export interface SettlementOptions {
  readonly clock: Clock;
  readonly observer: Pick<ConsumerObserver, 'finished'>;
  readonly queue: Pick<KeyQueue, 'settled' | 'keepOurs' | 'drop' | 'answeredLate'>;
  readonly calls: Pick<ExternalCalls, 'begin' | 'answered'>;
  readonly rows: Pick<DeferredRows, 'goOn' | 'pollAt'>;
  readonly tracer?: Tracer | undefined;
}

/** What follows when a message is committed or dropped: acks, answers to callers, and the next messages. */
export class Settlement {
  private stopping = false;

  constructor(private readonly options: SettlementOptions) {}

  /** Deferred messages whose calls settle from now on wait for the next start. */
  stop(): void {
    this.stopping = true;
  }

  settled(result: Result): void {
    const { work, outcome } = result;
    const { queue, rows } = this.options;
    queue.settled(result);
    if (outcome !== 'left' && outcome !== 'unasked') this.report(result);
    if (work.span) endSpan(result, this.options.tracer);
    // An `unasked` message is processed again in this process, so its broker must keep it.
    if (work.origin.from === 'broker' && outcome !== 'unasked') work.origin.delivery.ack();
    if (work.origin.from === 'caller') answer(work.origin, result);
    if (result.calling && !work.blocked) void this.whenAnswered(work);
    if (result.retryAt !== undefined) rows.pollAt(result.retryAt);
    this.goOn();
  }

  /** Returns the messages of a batch that this process still owns; the others are dropped. */
  keepOurs(works: readonly Work[]): readonly Work[] {
    const ours = this.options.queue.keepOurs(works);
    if (ours.length < works.length) this.goOn();
    return ours;
  }

  /** Drops a message that another process owns, or whose caller no longer waits. */
  drop(work: Work): void {
    this.options.queue.drop(work);
    this.goOn();
  }

  private goOn(): void {
    this.options.calls.begin();
    this.options.rows.goOn();
  }

  private async whenAnswered(work: Work): Promise<void> {
    const answered = this.options.calls.answered(work);
    await answered;
    if (answered && !this.stopping) this.options.queue.answeredLate(work);
  }

  private report(result: Result): void {
    const { work, outcome } = result;
    this.options.observer.finished({
      group: work.group,
      type: work.envelope?.type ?? 'unreadable',
      channel: work.channel,
      outcome: outcome as 'applied',
      attempt: work.attempt,
      durationMs: this.options.clock.now().getTime() - work.arrivedAt,
      retried: (work.attemptsBefore ?? 0) > 0,
      failure: failureOf(result),
      ...(result.late ? { late: true } : {}),
    });
  }
}

/** One that waits for others of its key, or for its call, has not failed. */
function failureOf({ work, outcome, retryAt }: Result): 'failed' | 'malformed' | null {
  if (outcome !== 'dead' && (outcome !== 'parked' || retryAt === undefined)) return null;
  return isMalformed(work.refusal) ? 'malformed' : 'failed';
}

function answer(
  caller: { resolve(answer: unknown): void; reject(error: unknown): void },
  result: Result,
): void {
  if (result.error !== undefined) caller.reject(result.error);
  else caller.resolve(result.answer);
}
