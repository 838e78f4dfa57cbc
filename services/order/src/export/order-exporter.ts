import { Inject, Injectable } from '@nestjs/common';
import { CLOCK, type Clock } from '@waybill/messaging';
import { type Job, Jobs, Scheduled, type TaskRun } from '@waybill/service';
import type { OrderConfig } from '../order.config.ts';
import type { OrderExport } from '../storage/order-export.entity.ts';
import { OrderExportRepository } from '../storage/order-export.repository.ts';

/** Reads the orders of requested files, one file after another, in one replica at a time; another continues where it was killed. */
@Injectable()
export class OrderExporter {
  constructor(
    private readonly exports: OrderExportRepository,
    @Inject(CLOCK) private readonly clock: Clock,
    jobs: Jobs,
  ) {
    jobs.add(async (id) => {
      const found = await exports.find(id);
      return found && jobOf(found);
    });
  }

  @Scheduled<OrderConfig>({ name: 'order-exports', every: ({ jobsEvery }) => jobsEvery })
  async work({ lease, signal }: TaskRun): Promise<void> {
    for (let next = await this.exports.oldestOpen(); next; next = await this.exports.oldestOpen()) {
      if (next.expected === null) await this.exports.count(next);
      for (let file = next; !file.finishedAt; ) {
        if (signal.aborted) return;
        file = await this.exports.readMore(lease, file, this.clock.now());
      }
    }
  }
}

/** An export as a job. */
export const jobOf = (file: OrderExport): Job => ({
  id: file.id,
  kind: 'export-orders',
  state: file.finishedAt ? 'done' : 'running',
  progress: file.finishedAt ? 1 : Math.min(0.99, file.orders / Math.max(1, file.expected ?? 1)),
  url: file.finishedAt ? `/api/v1/exports/${file.id}/file` : null,
  counts: { orders: file.orders },
  requestedBy: file.requestedBy,
  startedAt: file.startedAt,
  finishedAt: file.finishedAt,
});
