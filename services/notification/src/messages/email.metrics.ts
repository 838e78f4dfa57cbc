import { Injectable } from '@nestjs/common';
import { Metrics } from '@waybill/observability';
import type { DeliveryStatus } from '../domain/delivery.ts';

/** Counts what became of e-mails. */
@Injectable()
export class EmailMetrics {
  private readonly emails;

  constructor(metrics: Metrics) {
    this.emails = metrics.counter({
      name: 'waybill_emails_total',
      help: 'E-mails by what became of them; `failed` are attempts that are repeated',
      labelNames: ['outcome'] as const,
    });
  }

  count(outcome: DeliveryStatus | 'failed', emails = 1): void {
    this.emails.inc({ outcome }, emails);
  }
}
