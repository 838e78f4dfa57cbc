import { Injectable } from '@nestjs/common';
import { Submitter } from '@waybill/messaging';
import { Scheduled } from '@waybill/service';
import type { PaymentConfig } from '../payment.config.ts';
import { PaymentRepository } from '../storage/payment.repository.ts';
import { SettleChallenge } from './payment.local.ts';

const atOnce = 100;

/** Asks the provider about payments that customers must confirm, because a webhook may be lost, and ends those whose time is up. */
@Injectable()
export class OpenChallenges {
  constructor(
    private readonly payments: PaymentRepository,
    private readonly submitter: Submitter,
  ) {}

  @Scheduled<PaymentConfig>({
    name: 'open-challenges',
    every: ({ actionQueryEvery }) => actionQueryEvery,
  })
  async review(): Promise<void> {
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
