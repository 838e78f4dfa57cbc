import { SettleVoid } from '@waybill/contracts';
import type { PublishedContext, PublishedMessage } from '@waybill/service';
import { IsNull, Not } from 'typeorm';
import { PaymentEntity } from './payment.entities.ts';

/** Voids that the provider has not settled, whatever their age, because nothing else continues them. */
export async function* publishedPayments({
  dataSource,
}: PublishedContext): AsyncIterable<PublishedMessage> {
  const unsettled = await dataSource
    .getRepository(PaymentEntity)
    .findBy({ unsettledSince: Not(IsNull()) });
  for (const { orderId } of unsettled) {
    yield { message: SettleVoid({ orderId }), causeId: null, at: new Date(), sequence: null };
  }
}
