import { Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { OrderUpdated, timeOfId } from '@waybill/contracts';
import { Health, Slo } from '@waybill/observability';
import { LiveUpdates } from '@waybill/service';

/** The share of orders that must have an outcome in time, and the time in milliseconds. */
const goal = 0.99;
const inTime = 2_000;
const outcomes = new Set(['confirmed', 'rejected']);
/** Later updates of an order may show the same status again. */
const remembered = 10_000;

/** The goal that 99 % of orders are confirmed, or rejected, within two seconds, as a health check. */
@Injectable()
export class OrderSlo implements OnModuleInit, OnModuleDestroy {
  private readonly slo = new Slo('orders', goal);
  private readonly counted = new Set<string>();
  private stop = (): void => undefined;

  constructor(
    private readonly live: LiveUpdates,
    private readonly health: Health,
  ) {}

  onModuleInit(): void {
    this.health.add(...this.slo.checks());
    this.stop = this.live.observe(OrderUpdated, ({ key, data }) =>
      this.see(key, data as { readonly status: string; readonly at: string }),
    );
  }

  onModuleDestroy(): void {
    this.stop();
  }

  /** The id of an order tells when it was placed. */
  private see(
    orderId: string,
    { status, at }: { readonly status: string; readonly at: string },
  ): void {
    if (!outcomes.has(status) || this.counted.has(orderId)) return;
    if (this.counted.size >= remembered) this.counted.clear();
    this.counted.add(orderId);
    this.slo.add(Date.parse(at) - timeOfId(orderId) <= inTime);
  }
}
