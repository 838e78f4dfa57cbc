import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { CLOCK, type Clock } from '@waybill/messaging';
import { Health, LOGGER, type Log, Metrics } from '@waybill/observability';
import { CONFIG, Scheduled } from '@waybill/service';
import { ShopClient } from '../clients/shop.client.ts';
import { flawOf, type SyntheticResult } from '../domain/synthetic-order.ts';
import type { NotificationConfig } from '../notification.config.ts';

/** One that fails may be a deployment; two in a row are an alert. */
const alertAt = 2;

/**
 * Places an order now and then as a customer does, in one replica at a time, so that it is known whether customers can
 * buy also while none of them tries. What is confirmed is cancelled: no goods leave, and the money goes back.
 */
@Injectable()
export class SyntheticOrderWatch implements OnModuleInit {
  private failures = 0;
  private lastAt = 0;
  private readonly seconds;

  constructor(
    private readonly shop: ShopClient,
    private readonly health: Health,
    metrics: Metrics,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(LOGGER) private readonly log: Pick<Log, 'warn'>,
    @Inject(CONFIG) private readonly config: Pick<NotificationConfig, 'synthetic'>,
  ) {
    this.seconds = metrics.histogram({
      name: 'waybill_synthetic_order_seconds',
      help: 'Seconds from the request of a synthetic order to its outcome',
      labelNames: ['outcome'] as const,
      buckets: [0.1, 0.25, 0.5, 1, 2, 5, 10, 20],
    });
  }

  onModuleInit(): void {
    if (!this.config.synthetic.shop) return;
    this.health.add({
      name: 'synthetic-order',
      unit: 'synthetic orders in a row that failed',
      limit: alertAt,
      degradesOnly: true,
      read: () => (this.isStale() ? 0 : this.failures),
    });
  }

  @Scheduled<NotificationConfig>({
    name: 'synthetic-order',
    every: ({ synthetic }) => synthetic.every,
  })
  async order(): Promise<void> {
    if (!this.config.synthetic.shop) return;
    const { ms, failure } = await this.place();
    this.lastAt = this.clock.now().getTime();
    this.failures = failure === null ? 0 : this.failures + 1;
    this.seconds.observe({ outcome: failure === null ? 'ok' : 'failed' }, ms / 1_000);
    if (failure !== null) this.log.warn({ failure, ms }, 'a synthetic order failed');
  }

  /** A crash in between leaves an order, so everything that is confirmed is cancelled, not only what was just placed. */
  private async place(): Promise<SyntheticResult> {
    const started = performance.now();
    let ms: number | undefined;
    const took = (): number => Math.round(performance.now() - started);
    try {
      const customer = await this.shop.signIn();
      const { id } = await customer.place();
      const failure = flawOf(await customer.outcome(id));
      ms = took();
      for (const left of await customer.confirmed()) await customer.cancel(left.id);
      return { ms, failure };
    } catch (error) {
      return { ms: ms ?? took(), failure: (error as Error).message };
    }
  }

  /** Another replica places them now. */
  private isStale(): boolean {
    return this.clock.now().getTime() - this.lastAt > 3 * this.config.synthetic.every;
  }
}
