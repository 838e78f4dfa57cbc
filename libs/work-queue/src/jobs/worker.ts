import { type Clock, countsAsAttempt, isRetriable, type MessagingLog } from '@waybill/messaging';
import type { LeasedItem } from '../priority-queue.ts';
import type { WorkQueues } from '../work-queues.ts';
import { type Job, JobLost } from './job.ts';
import type { ClaimedJob, JobTable } from './job-table.ts';
import type { WorkIndex } from './work-index.ts';
import type { QueueHandler } from './works-on.ts';

/** What a worker runs on. */
export interface WorkerParts {
  readonly queues: WorkQueues;
  readonly jobs: JobTable;
  readonly index: WorkIndex;
  readonly clock: Clock;
  readonly log: Pick<MessagingLog, 'warn' | 'error'>;
}

/** How long a take waits for a job, and a worker after a failure of the database or the queue, in milliseconds. */
const patience = 5_000;
const rest = 500;

/** Does the jobs of one queue in this process. */
export class Worker {
  private readonly running = new Set<Promise<void>>();
  private readonly stopping = new AbortController();
  private ended: Promise<void> = Promise.resolve();
  private complains = true;

  constructor(
    private readonly handler: QueueHandler,
    private readonly parts: WorkerParts,
  ) {}

  start(): void {
    this.ended = this.work();
  }

  /** Takes nothing more; resolves when the jobs in progress have ended. */
  async stop(): Promise<void> {
    this.stopping.abort();
    await this.ended;
    await Promise.all(this.running);
  }

  private async work(): Promise<void> {
    const { signal } = this.stopping;
    while (!signal.aborted) {
      try {
        if (this.running.size >= this.handler.concurrency) await Promise.race(this.running);
        else await this.takeSome(this.handler.concurrency - this.running.size);
        this.complains = true;
      } catch (error) {
        this.complain(error);
        await this.pause(rest);
      }
    }
  }

  private async takeSome(count: number): Promise<void> {
    const { queue, lease } = this.handler;
    const taken = await this.taken(count);
    if (taken.length === 0) return;
    const claimed = await this.parts.jobs.claim(
      queue,
      taken.map(({ id }) => id),
      lease,
    );
    const byId = new Map(claimed.map((job) => [job.id, job]));
    // What cannot be claimed is done, has another worker, or is not due; the sweep brings back what is not done.
    await this.ack(taken.filter(({ id }) => !byId.has(id)));
    for (const item of taken) {
      const job = byId.get(item.id);
      if (job) this.begin(job, item);
    }
  }

  /** From the queue, or from the rows while the queue does not answer. */
  private async taken(count: number): Promise<readonly LeasedItem[]> {
    const { queue, lease } = this.handler;
    const { signal } = this.stopping;
    try {
      return await this.parts.queues.priority(queue).take(count, { lease, wait: patience, signal });
    } catch (error) {
      this.complain(error);
      await this.pause(rest);
      const ids = signal.aborted ? [] : await this.parts.jobs.due(queue, count);
      return ids.map((id) => ({ id, lease: '' }));
    }
  }

  private begin(job: ClaimedJob, item: LeasedItem): void {
    const run = this.run(job, item)
      .catch((error: unknown) => this.complain(error))
      .finally(() => this.running.delete(run));
    this.running.add(run);
  }

  private async run(claimed: ClaimedJob, item: LeasedItem): Promise<void> {
    const again = await this.outcomeOf(claimed);
    await this.ack([item]);
    if (again) await this.parts.index.add([{ ...claimed, dueAt: again }]);
  }

  /** When the job is to be done again; null if it is not. */
  private async outcomeOf(claimed: ClaimedJob): Promise<Date | null> {
    const { lease, run, attempts } = this.handler;
    const ended = new AbortController();
    const forget = this.parts.clock.after(lease, () => ended.abort());
    let end: { readonly again: Date | null } | null = null;
    const postpone: Job['postpone'] = async (work) => {
      end = { again: await this.parts.jobs.complete(claimed, work) };
    };
    const complete: Job['complete'] = (work) =>
      postpone(async (manager) => {
        await work?.(manager);
        return null;
      });
    const signal = AbortSignal.any([ended.signal, this.stopping.signal]);
    try {
      if (claimed.attempt > attempts) throw new Abandoned();
      await run({ ...claimed, signal, complete, postpone } as unknown as Job<never>);
      if (end === null) await complete();
      return againAfter(end);
    } catch (error) {
      if (error instanceof JobLost || end !== null) return againAfter(end);
      return await this.failed(claimed, error);
    } finally {
      forget();
    }
  }

  private failed(job: ClaimedJob, error: unknown): Promise<Date | null> {
    const { queue, attempts, firstDelay, longestDelay } = this.handler;
    const attempt = countsAsAttempt(error) ? job.attempt : job.attempt - 1;
    const isLast = attempt >= attempts || !isRetriable(error);
    const wait = Math.min(longestDelay, firstDelay * 4 ** Math.max(0, attempt - 1));
    const delay = isLast ? null : Math.round(wait * (0.8 + 0.4 * Math.random()));
    const what = { error, queue, key: job.key, attempt };
    if (isLast) this.parts.log.error(what, 'a job is dead');
    else this.parts.log.warn(what, 'a job failed; will retry');
    const text = error instanceof Error ? error.message : String(error);
    return this.parts.jobs.failed(job, text.slice(0, 1_000), delay, attempt);
  }

  /** Without the queue its leases end by themselves. */
  private async ack(items: readonly LeasedItem[]): Promise<void> {
    const leased = items.filter(({ lease }) => lease !== '');
    if (leased.length > 0)
      await this.parts.queues
        .priority(this.handler.queue)
        .ack(leased)
        .catch((error: unknown) => this.complain(error));
  }

  private complain(error: unknown): void {
    const { queue } = this.handler;
    if (this.complains) this.parts.log.warn({ error, queue }, 'a queue is in trouble; will retry');
    this.complains = false;
  }

  private pause(ms: number): Promise<void> {
    const { signal } = this.stopping;
    return new Promise((resolve) => {
      const end = (): void => {
        forget();
        signal.removeEventListener('abort', end);
        resolve();
      };
      const forget = this.parts.clock.after(ms, end);
      signal.addEventListener('abort', end);
      if (signal.aborted) end();
    });
  }
}

const againAfter = (end: { readonly again: Date | null } | null): Date | null => end?.again ?? null;

/** Every worker that has tried the job has crashed. */
class Abandoned extends Error {
  readonly code = 'job_abandoned';
  readonly retriable = false;
  constructor() {
    super('the workers of all its attempts have ended before the job');
  }
}
