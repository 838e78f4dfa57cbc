import { Injectable } from '@nestjs/common';
import { MetricsComputed } from '@waybill/contracts';
import { Handles } from '@waybill/messaging';
import { writtenBatches } from '@waybill/persistence';
import { MetricsRepository } from '../storage/metrics.repository.ts';

/** Keeps the newest result of each window and session. */
@Injectable()
export class MetricsConsumer {
  constructor(private readonly metrics: MetricsRepository) {}

  @Handles()
  keep() {
    return writtenBatches(MetricsComputed, { group: 'analytics.metrics', linger: 50 }, (batch) =>
      this.metrics.keep(batch.map(({ data, sequence }) => ({ ...data, revision: sequence ?? 0 }))),
    );
  }
}
