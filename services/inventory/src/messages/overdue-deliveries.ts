import { Inject, Injectable } from '@nestjs/common';
import { CLOCK, type Clock, Submitter } from '@waybill/messaging';
import { LOGGER, type Log } from '@waybill/observability';
import { Scheduled } from '@waybill/service';
import type { InventoryConfig } from '../inventory.config.ts';
import { StockRepository } from '../storage/stock.repository.ts';
import { RemindSupplier } from './inventory.local.ts';

const atOnce = 100;

/** Finds orders whose goods have not come in time, and asks the supplier again. */
@Injectable()
export class OverdueDeliveries {
  constructor(
    private readonly stock: StockRepository,
    private readonly submitter: Submitter,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(LOGGER) private readonly log: Log,
  ) {}

  @Scheduled<InventoryConfig>({
    name: 'overdue-deliveries',
    every: ({ supplierReviewEvery }) => supplierReviewEvery,
  })
  async review(): Promise<void> {
    const overdue = await this.stock.overdueDeliveries(this.clock.now(), atOnce);
    for (const requestId of overdue) await this.submitter.submit(RemindSupplier({ requestId }));
    if (overdue.length > 0) {
      this.log.warn({ asked: overdue.length }, 'overdue deliveries: asked the supplier again');
    }
  }
}
