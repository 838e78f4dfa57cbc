import { Injectable } from '@nestjs/common';
import { Metrics } from '@waybill/observability';
import type { DisabledReason } from '../domain/webhook.ts';
import { type Attempt, isSuccess } from '../domain/webhook-delivery.ts';
import { WebhookDeliveryRepository } from '../storage/webhook-delivery.repository.ts';

/** Counts of webhooks. */
@Injectable()
export class WebhookMetrics {
  private readonly attempts;
  private readonly disabledTotal;

  constructor(metrics: Metrics, deliveries: WebhookDeliveryRepository) {
    this.attempts = metrics.counter({
      name: 'waybill_webhook_attempts_total',
      help: 'Tries to deliver a webhook, by what came of them',
      labelNames: ['outcome'] as const,
    });
    this.disabledTotal = metrics.counter({
      name: 'waybill_webhooks_disabled_total',
      help: 'Webhooks that were disabled because their endpoint is gone, or failed for days',
      labelNames: ['reason'] as const,
    });
    metrics.gauge({
      name: 'waybill_webhook_deliveries_pending',
      help: 'Deliveries that wait for their first or another try',
      labelNames: [] as const,
      async collect() {
        // While the database does not answer, the number is unknown, and the other metrics are served.
        const pending = await deliveries.pending().catch(() => undefined);
        if (pending === undefined) this.reset();
        else this.set(pending);
      },
    });
  }

  count(attempts: readonly Attempt[]): void {
    for (const each of attempts)
      this.attempts.inc({ outcome: isSuccess(each) ? 'delivered' : 'failed' });
  }

  disabled(reason: DisabledReason): void {
    this.disabledTotal.inc({ reason });
  }
}
