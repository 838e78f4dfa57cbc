import { Inject, Injectable } from '@nestjs/common';
import { newId } from '@waybill/contracts';
import { CLOCK, type Clock } from '@waybill/messaging';
import {
  type ExportRequest,
  Exports,
  type Job,
  Jobs,
  Scheduled,
  type TaskRun,
} from '@waybill/service';
import type { OrderConfig } from '../order.config.ts';
import type { OrderExport } from '../storage/order-export.entity.ts';
import { OrderExportRepository } from '../storage/order-export.repository.ts';

/** Reads the orders of requested files, one file after another, in one replica at a time; another continues where it was killed. */
@Injectable()
export class OrderExporter {
  constructor(
    private readonly exports: OrderExportRepository,
    @Inject(CLOCK) private readonly clock: Clock,
    private readonly jobs: Jobs,
    wanted: Exports,
  ) {
    wanted.add((request, by) => this.begin(request, by));
    jobs.add(async (id) => {
      const found = await exports.find(id);
      return found && jobOf(found);
    });
  }

  private async begin({ format, from, to }: ExportRequest, requestedBy: string): Promise<Job> {
    const now = this.clock.now().toISOString();
    const file: OrderExport = {
      id: newId(this.clock.now()),
      format,
      since: from ?? null,
      until: to !== undefined && Date.parse(to) < Date.parse(now) ? to : now,
      requestedBy,
      startedAt: now,
      finishedAt: null,
      expected: null,
      orders: 0,
      lastOrderId: null,
    };
    await this.exports.add(file);
    return this.jobs.of(jobOf(file));
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
const jobOf = (file: OrderExport): Job => ({
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
