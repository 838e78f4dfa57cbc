import type { BeforeApplicationShutdown, OnApplicationBootstrap } from '@nestjs/common';
import type { SchedulerRegistry } from '@nestjs/schedule';
import { within } from '@waybill/messaging';
import type { Log } from '@waybill/observability';
import { LeaseLost, type TaskLease, type TaskLeases } from '@waybill/persistence';
import type { Task } from './scheduled.ts';

/** How long a lease lasts while its task runs, in milliseconds: another replica takes over that long after a kill. */
const leaseLasts = 15_000;
/** A replica whose timer is a little early must not wait for another turn. */
const early = 0.9;
/** The longest delay of a timer. */
const longest = 2 ** 31 - 1;

export interface ScheduleOptions {
  readonly tasks: () => readonly Task[];
  readonly leases: TaskLeases;
  readonly registry: Pick<SchedulerRegistry, 'addInterval'>;
  readonly log: Pick<Log, 'warn'>;
}

/** Runs the tasks of a service, each in one replica at a time. */
export class Schedule implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly runs = new Map<string, Promise<void>>();
  private readonly stopping = new AbortController();

  constructor(private readonly options: ScheduleOptions) {}

  /** The registry ends the timers when the application stops. */
  onApplicationBootstrap(): void {
    for (const task of this.options.tasks()) {
      const timer = setInterval(() => void this.run(task), Math.min(task.every, longest));
      this.options.registry.addInterval(task.name, timer.unref());
    }
  }

  /** Resolves when the runs in progress have ended, or after a second. */
  async beforeApplicationShutdown(): Promise<void> {
    this.stopping.abort();
    await within(1_000, Promise.all(this.runs.values()));
  }

  /** Runs a task now, unless it runs already, here or in another replica, or has just run there. */
  run(task: Task): Promise<void> {
    const running = this.runs.get(task.name);
    if (running || this.stopping.signal.aborted) return running ?? Promise.resolve();
    const run = this.underLease(task)
      .catch((error: unknown) => {
        this.options.log.warn({ error, task: task.name }, 'a scheduled task failed; will retry');
      })
      .finally(() => this.runs.delete(task.name));
    this.runs.set(task.name, run);
    return run;
  }

  private async underLease({ name, every, run }: Task): Promise<void> {
    const lease = await this.options.leases.take(name, leaseLasts);
    if (!lease) return;
    const lost = new AbortController();
    const renewal = setInterval(() => void renew(lease, lost), leaseLasts / 3).unref();
    try {
      await run({ lease, signal: AbortSignal.any([lost.signal, this.stopping.signal]) });
    } finally {
      clearInterval(renewal);
      // A replica that stops leaves the task to the others at once.
      if (!lost.signal.aborted) await lease.end(this.stopping.signal.aborted ? 0 : every * early);
    }
  }
}

/** While the database is away the lease may end; what the task writes under it is refused then. */
async function renew(lease: TaskLease, lost: AbortController): Promise<void> {
  try {
    await lease.renew(leaseLasts);
  } catch (error) {
    if (error instanceof LeaseLost) lost.abort(error);
  }
}
