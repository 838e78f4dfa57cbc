import {
  Inject,
  Injectable,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { CLOCK, type Clock, every, Submitter } from '@waybill/messaging';
import { LOGGER, type Log } from '@waybill/observability';
import { CONFIG } from '@waybill/service';
import type { PaymentConfig } from '../payment.config.ts';
import { PaymentRepository } from '../storage/payment.repository.ts';
import { SettleChallenge } from './payment.local.ts';

const atOnce = 100;

/** Asks the provider about payments that customers must confirm, because a webhook may be lost, and ends those whose time is up. */
@Injectable()
export class OpenChallenges implements OnApplicationBootstrap, OnApplicationShutdown {
  private end: () => void = () => {};

  constructor(
    private readonly payments: PaymentRepository,
    private readonly submitter: Submitter,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(CONFIG) private readonly config: Pick<PaymentConfig, 'actionQueryEvery'>,
    @Inject(LOGGER) private readonly log: Log,
  ) {}

  onApplicationBootstrap(): void {
    this.end = every(
      this.clock,
      this.config.actionQueryEvery,
      () => this.review(),
      (error) => this.log.warn({ error }, 'unconfirmed payments could not be reviewed; will retry'),
    );
  }

  onApplicationShutdown(): void {
    this.end();
  }

  private async review(): Promise<void> {
    let after: string | undefined;
    do {
      const orderIds = await this.payments.challenged(atOnce, after);
      await Promise.all(
        orderIds.map((orderId) => this.submitter.submit(SettleChallenge({ orderId }))),
      );
      after = orderIds[atOnce - 1];
    } while (after !== undefined);
  }
}
