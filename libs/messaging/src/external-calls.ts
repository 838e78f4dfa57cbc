import type { Clock } from './clock.ts';
import type { CallContext, InjectedFaults } from './handler.ts';
import type { KeyQueue } from './key-queue.ts';
import { refName, type StateRef } from './state.ts';
import { refsOf, type StateReader } from './state-reader.ts';
import type { Loaded, Transactions } from './store.ts';
import type { Tracer } from './tracer.ts';
import { transact } from './transactional.ts';
import { type ExternalCall, notCalled, type Work } from './work.ts';
import { inSpan } from './work-span.ts';

export interface ExternalCallsOptions {
  readonly clock: Clock;
  readonly queue: Pick<KeyQueue, 'takeCalls' | 'hasCalls' | 'add'>;
  readonly states: Pick<StateReader, 'forCalls'>;
  /** Milliseconds after which a message with a pending call is deferred, so that it holds no place at its broker. */
  readonly deferAfter: number;
  /** Required by transactional handlers. */
  readonly transactions?: Transactions | undefined;
  readonly faults?: InjectedFaults | null | undefined;
  readonly tracer?: Tracer | undefined;
}

/** External calls, made before the decision and outside any transaction. A call holds only its own key. */
export class ExternalCalls {
  /** Kept after the call has settled, because that may happen while the message is being deferred. */
  private readonly answers = new WeakMap<Work, Promise<void>>();
  private isStarting = false;

  constructor(private readonly options: ExternalCallsOptions) {}

  /** Begins the calls whose turn it is. Calls of one turn of the event loop share one read of their states. */
  begin(): void {
    if (this.isStarting || !this.options.queue.hasCalls) return;
    this.isStarting = true;
    queueMicrotask(() => {
      this.isStarting = false;
      void this.load(this.options.queue.takeCalls());
    });
  }

  /** Resolves when the call of a message that was deferred meanwhile has settled. */
  answered(work: Work): Promise<void> | undefined {
    return this.answers.get(work);
  }

  /** If the states cannot be read together, each message's are read alone, so that only the message at fault fails. */
  private async load(works: readonly Work[]): Promise<void> {
    try {
      const states = await this.options.states.forCalls(works.flatMap(refsOf));
      for (const work of works) this.call(work, states);
    } catch (error) {
      if (works.length > 1) {
        for (const work of works) void this.load([work]);
        return;
      }
      for (const work of works) {
        work.call = { state: 'failed', error };
        this.options.queue.add(work);
      }
    }
  }

  private call(work: Work, states: ReadonlyMap<string, Loaded>): void {
    const { clock, deferAfter, queue } = this.options;
    const read = <S extends object>(ref: StateRef<S>) =>
      states.get(refName(ref as unknown as StateRef))?.value as S | undefined;
    work.call = { state: 'pending' };
    let isHandedOver = false;
    const handOver = (): void => {
      isHandedOver = true;
      queue.add(work);
    };
    // An open transaction holds the inbox row that deferring would write. In a work queue, deferring would make room for
    // further work that the process has no hands for, so its prefetch would bound nothing and nothing urgent would come first.
    const stays = work.handler?.run || work.handler?.options.prefetch !== undefined;
    const forget = stays ? () => {} : clock.after(deferAfter, handOver);
    const settled = this.answerOf(work, read).then((call) => {
      forget();
      work.call = call;
      if (!isHandedOver) queue.add(work);
    });
    this.answers.set(work, settled);
  }

  private async answerOf(work: Work, read: CallContext['read']): Promise<ExternalCall> {
    const { handler, data, envelope } = work;
    if (!handler || !envelope) throw new TypeError('only a readable message can call');
    const state = handler.home ? read(handler.home.at(handler.options.state(data))) : undefined;
    const { faults, tracer } = this.options;
    const parent = work.span?.traceparent;
    const span = parent ? tracer?.begin(`call ${envelope.type}`, { kind: 'client', parent }) : null;
    try {
      if (faults?.isAnyOn && envelope.kind !== 'local') await faults.pass(work.group);
      if (!handler.options.call) return notCalled;
      const began = performance.now();
      const message = span ? inSpan(envelope, span) : envelope;
      const answer = handler.run
        ? await transact(work, this.options)
        : await handler.options.call(state, data, { message, read });
      span?.end();
      return { state: 'answered', answer, durationMs: Math.round(performance.now() - began) };
    } catch (error) {
      span?.end({ error });
      return { state: 'failed', error };
    }
  }
}
