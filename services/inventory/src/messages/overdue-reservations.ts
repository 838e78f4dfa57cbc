import {
  Inject,
  Injectable,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { CLOCK, type Clock, every, Submitter } from '@waybill/messaging';
import { LOGGER, type Log } from '@waybill/observability';
import { CONFIG } from '@waybill/service';
import type { InventoryConfig } from '../inventory.config.ts';
import { StockRepository } from '../storage/stock.repository.ts';
import { ReviewOverdue } from './inventory.local.ts';

const atOnce = 100;

/**
 * Finds overdue reservations and checks each with its order. Reservations never expire by
 * themselves, because only the order knows whether it still needs them.
 */
@Injectable()
export class OverdueReservations implements OnApplicationBootstrap, OnApplicationShutdown {
  private end: () => void = () => {};

  constructor(
    private readonly stock: StockRepository,
    private readonly submitter: Submitter,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(CONFIG) private readonly config: InventoryConfig,
    @Inject(LOGGER) private readonly log: Log,
  ) {}

  onApplicationBootstrap(): void {
    this.end = every(
      this.clock,
      this.config.reservationReviewEvery,
      () => this.review(),
      (error) => this.log.warn({ error }, 'overdue reservations could not be reviewed; will retry'),
    );
  }

  onApplicationShutdown(): void {
    this.end();
  }

  /** Submits a review of each due reservation; resolves with their number. */
  async review(): Promise<number> {
    const overdue = await this.stock.overdue(this.clock.now(), atOnce);
    for (const orderId of overdue) await this.submitter.submit(ReviewOverdue({ orderId }));
    if (overdue.length > 0) {
      this.log.warn({ asked: overdue.length }, 'overdue reservations: asked their orders');
    }
    return overdue.length;
  }
}
