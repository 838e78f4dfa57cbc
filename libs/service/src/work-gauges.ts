import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Metrics } from '@waybill/observability';
import { JobTable, WorkQueues } from '@waybill/work-queue';

/** Gauges of the jobs and queues of a service, and of the connections of the queues. Provide it beside `WorkModule`. */
@Injectable()
export class WorkGauges implements OnModuleInit {
  constructor(
    private readonly metrics: Metrics,
    private readonly jobs: JobTable,
    private readonly queues: WorkQueues,
  ) {}

  onModuleInit(): void {
    const { metrics, jobs, queues } = this;
    // While the database does not answer, the jobs are unknown, and the other metrics are served.
    const counts = () => jobs.counts().catch(() => []);
    metrics.gauge({
      name: 'waybill_work_jobs',
      help: 'Jobs of each queue that wait, or are dead',
      labelNames: ['queue', 'state'] as const,
      async collect() {
        this.reset();
        for (const { queue, waiting, dead } of await counts()) {
          this.set({ queue, state: 'waiting' }, waiting);
          this.set({ queue, state: 'dead' }, dead);
        }
      },
    });
    metrics.gauge({
      name: 'waybill_work_queue_entries',
      help: 'Entries of each queue with jobs that are ready, due later, or taken',
      labelNames: ['queue', 'state'] as const,
      async collect() {
        this.reset();
        for (const { queue } of await counts()) {
          // While Redis does not answer, the size is unknown.
          const size = await queues
            .priority(queue)
            .size()
            .catch(() => ({}));
          for (const [state, entries] of Object.entries(size)) this.set({ queue, state }, entries);
        }
      },
    });
    if (queues.connections === null) return;
    metrics.gauge({
      name: 'waybill_work_queue_connections',
      help: 'Connections of the queues to Redis: the limit, those that are open, and those that serve a call',
      labelNames: ['state'] as const,
      collect() {
        for (const [state, count] of Object.entries(queues.connections ?? {}))
          this.set({ state }, count);
      },
    });
  }
}
