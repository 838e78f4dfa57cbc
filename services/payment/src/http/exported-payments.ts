import { Inject, Injectable } from '@nestjs/common';
import { CONFIG, mostIds, onePage, PersonalParts } from '@waybill/service';
import { creditView } from '../messages/credit.view.ts';
import type { PaymentConfig } from '../payment.config.ts';
import { CreditRepository } from '../storage/credit.repository.ts';
import { PaymentRepository } from '../storage/payment.repository.ts';
import type { PaymentView } from '../storage/payment.views.ts';
import { creditPlace } from './credit.schema.ts';

/** The payments of orders, and the store credit of a customer, for an export. */
@Injectable()
export class ExportedPayments {
  constructor(
    parts: PersonalParts,
    payments: PaymentRepository,
    credit: CreditRepository,
    @Inject(CONFIG) { shopCurrency }: Pick<PaymentConfig, 'shopCurrency'>,
  ) {
    parts.add('payments', async ({ about = [] }) => {
      const found = await Promise.all(about.map((orderId) => payments.find(orderId)));
      return onePage(found.flatMap((each) => (each ? [ofCustomer(each)] : [])));
    });
    parts.add('credit', async ({ subject }) =>
      onePage([creditView(await credit.find(subject), shopCurrency)]),
    );
    parts.add('creditEntries', async ({ subject, after }) => {
      const place = after === undefined ? undefined : creditPlace.parse(JSON.parse(after));
      const found = await credit.entries(subject, mostIds, place);
      const items = found.map(({ kind, amount, currency, orderId, at }) => ({
        kind,
        amount: { amount, currency },
        orderId,
        at,
      }));
      const last = found[mostIds - 1];
      const next = last && { at: last.at, operationId: last.operationId, kind: last.kind };
      return { items, next: next ? JSON.stringify(next) : null };
    });
  }
}

/** A payment without what is about the provider: its ids and calls, flags, and the accounts of the ledger. */
function ofCustomer({ refunds, ...payment }: PaymentView) {
  const { orderId, paymentId, status, credit, authorized, captured, refunded } = payment;
  const { declineReason, createdAt, updatedAt } = payment;
  return {
    orderId,
    paymentId,
    status,
    authorized,
    captured,
    refunded,
    credit,
    declineReason,
    refunds: refunds.map(({ status: state, amount, credit: ofCredit, at }) => ({
      status: state,
      amount,
      credit: ofCredit,
      at,
    })),
    createdAt,
    updatedAt,
  };
}
