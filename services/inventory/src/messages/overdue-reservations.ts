import { Inject, Injectable } from '@nestjs/common';
import { CLOCK, type Clock, Submitter } from '@waybill/messaging';
import { LOGGER, type Log } from '@waybill/observability';
import { Scheduled } from '@waybill/service';
import type { InventoryConfig } from '../inventory.config.ts';
import { StockRepository } from '../storage/stock.repository.ts';
import { ReviewOverdue } from './inventory.local.ts';

const atOnce = 100;

/**
 * Finds overdue reservations and checks each with its order. Reservations never expire by
 * themselves, because only the order knows whether it still needs them.
 */
@Injectable()
export class OverdueReservations {
  constructor(
    private readonly stock: StockRepository,
    private readonly submitter: Submitter,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(LOGGER) private readonly log: Log,
  ) {}

  /** Submits a review of each due reservation. */
  @Scheduled<InventoryConfig>({
    name: 'overdue-reservations',
    every: ({ reservationReviewEvery }) => reservationReviewEvery,
  })
  async review(): Promise<void> {
    const overdue = await this.stock.overdue(this.clock.now(), atOnce);
    for (const orderId of overdue) await this.submitter.submit(ReviewOverdue({ orderId }));
    if (overdue.length > 0) {
      this.log.warn({ asked: overdue.length }, 'overdue reservations: asked their orders');
    }
  }
}
