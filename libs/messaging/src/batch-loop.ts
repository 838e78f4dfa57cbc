import type { BatchRunner } from './batch-runner.ts';
import type { CautiousStart } from './cautious-start.ts';
import type { Clock } from './clock.ts';
import type { ConsumerObserver } from './observer.ts';
import type { Ownership } from './ownership.ts';
import type { PatientStore } from './patient-store.ts';
import type { Ready } from './ready.ts';
import type { Tracer } from './tracer.ts';
import type { Work } from './work.ts';
import { batchSpan } from './work-span.ts';

export interface BatchLoopOptions {
  readonly clock: Clock;
  /** The most messages in one batch. */
  readonly batchSize: number;
  /** Milliseconds that a batch waits for more messages while it is not full; 0: not at all. */
  readonly gather: number;
  readonly ready: Ready;
  readonly caution: CautiousStart;
  readonly database: Pick<PatientStore, 'patiently'>;
  readonly ownership: Pick<Ownership, 'recount'>;
  readonly runner: Pick<BatchRunner, 'run'>;
  readonly observer: ConsumerObserver;
  readonly tracer?: Tracer | undefined;
}

/** Runs one batch after another, each of the messages that queued during the last; with `gather`, also of later ones. */
export class BatchLoop {
  private stopping = false;
  private readonly running: Promise<void>;

  constructor(private readonly options: BatchLoopOptions) {
    this.running = this.run();
  }

  /** Begins no further batch; resolves when the current one is done. */
  async stop(): Promise<void> {
    this.stopping = true;
    this.options.ready.end();
    await this.running.catch(() => undefined);
  }

  private async run(): Promise<void> {
    const { ready } = this.options;
    while (!this.stopping) {
      await ready.filled();
      for (let group = ready.takeRecount(); group !== undefined; group = ready.takeRecount())
        await this.recount(group);
      await this.gather();
      if (!this.stopping) await this.runNext();
    }
  }

  private async recount(group: string): Promise<void> {
    try {
      await this.options.ownership.recount(group);
    } catch (error) {
      this.options.observer.trouble({ what: `${group} could not be looked after`, error });
    }
  }

  private async gather(): Promise<void> {
    const { batchSize, clock, gather, ready } = this.options;
    const { waiting } = ready.backlog();
    if (gather === 0 || waiting === 0 || waiting >= batchSize || this.stopping) return;
    await new Promise<void>((resolve) => void clock.after(gather, resolve));
  }

  private async runNext(): Promise<void> {
    const { ready, batchSize, caution } = this.options;
    const next = ready.next(batchSize);
    if (next.length === 0) return;
    if (caution.concerns(next)) await this.runMarked(ready.begin(caution.together(next)));
    else await this.runBatch(ready.begin(next.length));
  }

  private async runBatch(works: readonly Work[]): Promise<void> {
    const { tracer } = this.options;
    const started = performance.now();
    const span = tracer ? batchSpan('commit', tracer, works.map(traceOf)) : null;
    await this.options.runner.run(works);
    span?.end();
    this.options.observer.batch({
      size: works.length,
      durationMs: performance.now() - started,
    });
  }

  private async runMarked(works: readonly Work[]): Promise<void> {
    const { database, caution, ready } = this.options;
    try {
      await database.patiently(() => caution.begin(works));
    } catch (error) {
      // The service is stopping: messages that were not begun are given back with the waiting ones.
      ready.putBack(works);
      throw error;
    }
    await this.runBatch(works);
    await database.patiently(() => caution.end(works));
  }
}

const traceOf = ({ span }: Work): string | undefined => span?.traceparent;
