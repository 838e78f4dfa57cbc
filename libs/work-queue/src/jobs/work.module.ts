import {
  type BeforeApplicationShutdown,
  type DynamicModule,
  type FactoryProvider,
  Global,
  Inject,
  Injectable,
  Module,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { DiscoveryModule, DiscoveryService } from '@nestjs/core';
import {
  type Clock,
  every,
  type MessagingLog,
  nestLog,
  Storage,
  systemClock,
  within,
} from '@waybill/messaging';
import type { RedisOptions } from '@waybill/redis';
import { DataSource } from 'typeorm';
import { MemoryQueues } from '../memory/memory-queues.ts';
import { WorkQueues } from '../work-queues.ts';
import { JobTable } from './job-table.ts';
import { Work } from './work.ts';
import { WorkIndex } from './work-index.ts';
import { queuedBy, type WorkJobEntity, workJobs } from './work-job.entity.ts';
import { Worker } from './worker.ts';
import { queueHandlersOf } from './works-on.ts';

/** Where the queues are. */
export interface WorkOptions {
  /** Null: in this process. */
  readonly redis: (RedisOptions & { readonly limit?: number }) | null;
  /** Milliseconds between two sweeps, which put missing jobs into their queue; default 5,000. */
  readonly sweepEvery?: number;
  readonly clock?: Clock;
  readonly log?: MessagingLog;
}

/** Injects the `WorkOptions`. */
export const WORK_OPTIONS = Symbol('waybill:work-options');

/** Starts a worker for every method marked with `@WorksOn()`, and the sweeps of its queue. */
@Injectable()
class WorkRunner
  implements OnApplicationBootstrap, BeforeApplicationShutdown, OnApplicationShutdown
{
  private workers: readonly Worker[] = [];
  private endings: readonly (() => void)[] = [];

  constructor(
    @Inject(WORK_OPTIONS) private readonly options: WorkOptions,
    private readonly discovery: DiscoveryService,
    private readonly queues: WorkQueues,
    private readonly jobs: JobTable,
    private readonly index: WorkIndex,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    const { queues, jobs, index } = this;
    const { clock = systemClock, log = nestLog('Work'), sweepEvery = 5_000 } = this.options;
    await queues.open();
    const handlers = queueHandlersOf(this.discovery);
    this.workers = handlers.map(
      (handler) => new Worker(handler, { queues, jobs, index, clock, log }),
    );
    this.endings = handlers.map(({ queue }) => {
      void index.sweep(queue);
      return every(
        clock,
        sweepEvery,
        () => index.sweep(queue),
        (error) => log.warn({ error, queue }, 'a sweep failed'),
      );
    });
    for (const worker of this.workers) worker.start();
  }

  /** Jobs that take longer than three seconds to end are done again, here after the next start or by another process. */
  async beforeApplicationShutdown(): Promise<void> {
    for (const end of this.endings) end();
    await within(3_000, Promise.all(this.workers.map((worker) => worker.stop())));
  }

  async onApplicationShutdown(): Promise<void> {
    await this.queues.close();
  }
}

async function queuesOf({ redis, clock }: WorkOptions): Promise<WorkQueues> {
  if (!redis) return new MemoryQueues(clock);
  const { RedisQueues } = await import('../redis/redis-queues.ts');
  return new RedisQueues({ ...redis, ...(clock ? { clock } : {}) });
}

function indexOf(
  queues: WorkQueues,
  jobs: JobTable,
  { log }: WorkOptions,
  storage: Storage | undefined,
): WorkIndex {
  const index = new WorkIndex(queues, jobs, log ?? nestLog('Work'));
  storage?.onEntries?.(
    workJobs,
    (rows) => void index.add((rows as readonly WorkJobEntity[]).map(queuedBy)),
  );
  return index;
}

/**
 * Durable work of a service: `Work.add` stores jobs in a transaction, and the methods marked with `@WorksOn()` do them. The rows of the
 * jobs are the truth; the queues, in Redis or in this process, are an index of them that is rebuilt. Needs a `DataSource` with the tables
 * of `workMigrations`.
 */
@Global()
@Module({})
export class WorkModule {
  static forRootAsync({
    inject = [],
    useFactory,
  }: Pick<FactoryProvider<WorkOptions>, 'inject' | 'useFactory'>): DynamicModule {
    return {
      module: WorkModule,
      imports: [DiscoveryModule],
      providers: [
        { provide: WORK_OPTIONS, inject, useFactory },
        { provide: WorkQueues, inject: [WORK_OPTIONS], useFactory: queuesOf },
        {
          provide: JobTable,
          inject: [DataSource],
          useFactory: (dataSource: DataSource) => new JobTable(dataSource),
        },
        {
          provide: WorkIndex,
          inject: [WorkQueues, JobTable, WORK_OPTIONS, { token: Storage, optional: true }],
          useFactory: indexOf,
        },
        {
          provide: Work,
          inject: [DataSource, JobTable, WorkIndex],
          useFactory: (dataSource: DataSource, jobs: JobTable, index: WorkIndex) =>
            new Work({ dataSource, jobs, index }),
        },
        WorkRunner,
      ],
      exports: [Work, WorkQueues, JobTable],
    };
  }
}
