import { Inject, Injectable } from '@nestjs/common';
import { CLOCK, type Clock } from '@waybill/messaging';
import { ExportJobs, Exports, Jobs, Scheduled, type TaskRun } from '@waybill/service';
import type { OrderConfig } from '../order.config.ts';
import type { OrderExport } from '../storage/order-export.entity.ts';
import { OrderExportRepository } from '../storage/order-export.repository.ts';

/** Reads the orders of requested files, in one replica at a time. */
@Injectable()
export class OrderExporter {
  private readonly files: ExportJobs<OrderExport>;

  constructor(
    store: OrderExportRepository,
    @Inject(CLOCK) clock: Clock,
    jobs: Jobs,
    exports: Exports,
  ) {
    this.files = new ExportJobs<OrderExport>({
      store,
      clock,
      jobs,
      exports,
      begin: () => ({ orders: 0, lastOrderId: null }),
      tell: ({ id, orders }) => ({
        kind: 'export-orders',
        read: orders,
        counts: { orders },
        url: `/api/v1/exports/${id}/file`,
      }),
    });
  }

  @Scheduled<OrderConfig>({ name: 'order-exports', every: ({ jobsEvery }) => jobsEvery })
  work(run: TaskRun): Promise<void> {
    return this.files.work(run);
  }
}
