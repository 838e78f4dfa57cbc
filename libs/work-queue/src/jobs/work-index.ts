import type { MessagingLog } from '@waybill/messaging';
import type { QueuedItem } from '../priority-queue.ts';
import type { WorkQueues } from '../work-queues.ts';
import type { JobTable } from './job-table.ts';

/** Jobs that fall due within this many milliseconds are put into the queue. */
const horizon = 60_000;
/** How many jobs one sweep looks at; these are the most urgent, so that workers have something to do. */
const most = 5_000;

/** Keeps the queues equal to the rows of the jobs: after each commit, and by sweeps, which restore what a wiped queue lacks. */
export class WorkIndex {
  private complains = true;

  constructor(
    private readonly queues: WorkQueues,
    private readonly jobs: JobTable,
    private readonly log: Pick<MessagingLog, 'warn'>,
  ) {}

  /** Puts jobs into their queues; a failure is left to the next sweep. */
  async add(items: readonly (QueuedItem & { readonly queue: string })[]): Promise<void> {
    for (const name of new Set(items.map(({ queue }) => queue))) {
      const some = items.filter(({ queue }) => queue === name);
      await this.attempt(() => this.queues.priority(name).add(some));
    }
  }

  async sweep(queue: string): Promise<void> {
    await this.attempt(async () =>
      this.queues.priority(queue).add(await this.jobs.indexable(queue, horizon, most)),
    );
  }

  /** Empties a queue and fills it from the rows. What a worker has in hand stays its own, by the fence of its row. */
  async rebuild(queue: string): Promise<void> {
    const index = this.queues.priority(queue);
    await index.clear();
    await index.add(await this.jobs.indexable(queue, horizon, most));
  }

  /** Reports the first failure of each outage. */
  private async attempt(change: () => Promise<void>): Promise<void> {
    try {
      await change();
      this.complains = true;
    } catch (error) {
      if (this.complains) this.log.warn({ error }, 'jobs are not in their queue; will retry');
      this.complains = false;
    }
  }
}
