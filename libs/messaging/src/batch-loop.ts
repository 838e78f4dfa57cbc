import type { BatchRunner } from './batch-runner.ts';
import type { CautiousStart } from './cautious-start.ts';
import type { Clock } from './clock.ts';
import type { ConsumerObserver } from './observer.ts';
import type { Work } from './work.ts';

export interface BatchLoopOptions {
  readonly clock: Clock;
  /** The most messages in one batch. */
  readonly batchSize: number;
  /** Milliseconds that a batch waits for more messages while it is not full; 0: not at all. */
  readonly gather: number;
  readonly caution: CautiousStart;
  readonly runner: Pick<BatchRunner, 'run' | 'patiently'>;
  readonly observer: ConsumerObserver;
  /** Somebody waits for it, so it goes before the others; the same for all messages of a group. */
  readonly goesFirst: (work: Work) => boolean;
}

/** One in so many places of a batch is kept for those that go later. */
const keptPlace = 4;

/** Takes what has queued while the last batch ran, one batch after another; where it gathers, also what comes a little later. */
export class BatchLoop {
  private ready: Work[] = [];
  private running: Promise<void> | null = null;
  private stopping = false;
  private readonly between = new Map<string, () => Promise<void>>();

  constructor(private readonly options: BatchLoopOptions) {}

  add(work: Work): void {
    work.readyAt = this.options.clock.now().getTime();
    this.ready.push(work);
    this.start();
  }

  /** Runs something once while no batch is being written; asked again under one name before that, it runs once. */
  betweenBatches(name: string, run: () => Promise<void>): void {
    this.between.set(name, run);
    this.start();
  }

  /** Takes out those that are so, in their order. */
  takeOut(isSo: (work: Work) => boolean): readonly Work[] {
    const out = this.ready.filter(isSo);
    if (out.length > 0) this.ready = this.ready.filter((work) => !isSo(work));
    return out;
  }

  /** How many messages are in no batch yet, and how long the first has waited. */
  backlog(): { readonly waiting: number; readonly oldestMs: number } {
    const first = this.ready[0];
    return {
      waiting: this.ready.length,
      oldestMs: first?.readyAt ? this.options.clock.now().getTime() - first.readyAt : 0,
    };
  }

  /** Begins no further batch; resolves when the one in hand is done. */
  async stop(): Promise<void> {
    this.stopping = true;
    await this.running?.catch(() => undefined);
  }

  private start(): void {
    if (!this.running && !this.stopping) this.running = this.run();
  }

  private async run(): Promise<void> {
    await Promise.resolve();
    while ((this.ready.length > 0 || this.between.size > 0) && !this.stopping) {
      if (this.between.size > 0) await this.runBetween();
      if (this.ready.length === 0) continue;
      if (this.options.gather > 0) await this.gather();
      if (this.stopping) break;
      this.sort();
      const next = this.ready.slice(0, this.options.batchSize);
      if (this.options.caution.concerns(next)) await this.runMarked(next);
      else await this.runBatch(this.ready.splice(0, next.length));
    }
    this.running = null;
  }

  private async gather(): Promise<void> {
    const { batchSize, clock, gather } = this.options;
    if (this.ready.length >= batchSize || this.stopping) return;
    await new Promise<void>((resolve) => void clock.after(gather, resolve));
  }

  /** Where not all fit into the next batch, those go first for whom somebody waits; others have their share of it. */
  private sort(): void {
    const { batchSize, goesFirst } = this.options;
    if (this.ready.length <= batchSize) return;
    const first = this.ready.filter(goesFirst);
    const later = this.ready.filter((work) => !goesFirst(work));
    const share = Math.max(Math.floor(batchSize / keptPlace), batchSize - first.length);
    const kept = later.splice(0, share);
    this.ready = [...first.splice(0, batchSize - kept.length), ...kept, ...first, ...later];
  }

  private async runBetween(): Promise<void> {
    const [name, run] = this.between.entries().next().value as [string, () => Promise<void>];
    this.between.delete(name);
    try {
      await run();
    } catch (error) {
      this.options.observer.trouble({ what: `${name} could not be looked after`, error });
    }
  }

  private async runBatch(works: readonly Work[]): Promise<void> {
    const started = performance.now();
    await this.options.runner.run(works);
    this.options.observer.batch({
      size: works.length,
      durationMs: performance.now() - started,
    });
  }

  private async runMarked(next: readonly Work[]): Promise<void> {
    const { runner, caution } = this.options;
    const works = this.ready.splice(0, caution.together(next));
    try {
      await runner.patiently(() => caution.begin(works));
    } catch (error) {
      // It stops: what was not begun is given back with what waits.
      this.ready.unshift(...works);
      throw error;
    }
    await this.runBatch(works);
    await runner.patiently(() => caution.end(works));
  }
}
