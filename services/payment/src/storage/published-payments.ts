import { newId, SettleVoid } from '@waybill/contracts';
import type { PublishedContext, PublishedMessage } from '@waybill/service';
import { In, IsNull, MoreThanOrEqual, Not } from 'typeorm';
import { raise } from '../domain/payment-flag.ts';
import { PaymentEntity, PaymentFlagEntity } from './payment.entities.ts';

/** Flags, and voids that the provider has not settled: these whatever their age, because nothing else continues them. */
export async function* publishedPayments({
  dataSource,
  since,
}: PublishedContext): AsyncIterable<PublishedMessage> {
  const payments = dataSource.getRepository(PaymentEntity);
  const unsettled = await payments.findBy({ unsettledSince: Not(IsNull()) });
  for (const { orderId } of unsettled) {
    yield { message: SettleVoid({ orderId }), causeId: null, at: new Date(), sequence: null };
  }
  const flags = await dataSource
    .getRepository(PaymentFlagEntity)
    .findBy({ at: MoreThanOrEqual(since.toISOString()) });
  const orderIds = flags.map(({ orderId }) => orderId);
  const known = await payments.findBy({ orderId: In(orderIds) });
  for (const flag of flags) {
    const payment = known.find(({ orderId }) => orderId === flag.orderId);
    for (const message of raise(flag, payment?.paymentId ?? newId()).send) {
      yield { message, causeId: null, at: new Date(flag.at), sequence: null };
    }
  }
}
