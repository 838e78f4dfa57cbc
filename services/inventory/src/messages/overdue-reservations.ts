import {
  Inject,
  Injectable,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { type Clock, Submitter } from '@waybill/messaging';
import { CLOCK, CONFIG, LOGGER, type Log } from '@waybill/service';
import type { InventoryConfig } from '../inventory.config.ts';
import { StockRepository } from '../storage/stock.repository.ts';
import { ReviewOverdue } from './inventory.local.ts';

const atOnce = 100;

/**
 * Looks for reservations that have waited too long and has each of them ask its order. They never expire by
 * themselves: only the order knows whether it still needs them.
 */
@Injectable()
export class OverdueReservations implements OnApplicationBootstrap, OnApplicationShutdown {
  private cancel: () => void = () => {};
  private stopped = false;

  constructor(
    private readonly stock: StockRepository,
    private readonly submitter: Submitter,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(CONFIG) private readonly config: InventoryConfig,
    @Inject(LOGGER) private readonly log: Log,
  ) {}

  onApplicationBootstrap(): void {
    this.schedule();
  }

  onApplicationShutdown(): void {
    this.stopped = true;
    this.cancel();
  }

  /** Asks for all that is due now; resolves with how many. */
  async review(): Promise<number> {
    const overdue = await this.stock.overdue(this.clock.now(), atOnce);
    for (const orderId of overdue) await this.submitter.submit(ReviewOverdue({ orderId }));
    return overdue.length;
  }

  private schedule(): void {
    if (this.stopped) return;
    this.cancel = this.clock.after(this.config.reservationReviewEvery, () => {
      this.review()
        .then((asked) => {
          if (asked > 0) this.log.warn({ asked }, 'overdue reservations: asked their orders');
        })
        .catch((error: unknown) =>
          this.log.warn({ err: error }, 'overdue reservations could not be reviewed; will retry'),
        )
        .finally(() => this.schedule());
    });
  }
}
