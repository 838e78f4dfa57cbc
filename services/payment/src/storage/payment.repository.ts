import { Injectable } from '@nestjs/common';
import type { Money } from '@waybill/contracts';
import { DataSource, type EntityManager } from 'typeorm';
import {
  LedgerEntryEntity,
  PaymentEntity,
  ProviderCallEntity,
  RefundEntity,
} from './payment.entities.ts';

/** A payment as operators see it in a list. */
export interface PaymentSummary {
  readonly orderId: string;
  readonly paymentId: string;
  readonly status: PaymentEntity['status'];
  readonly provider: string;
  readonly chargeId: string | null;
  readonly authorized: Money | null;
  readonly captured: Money | null;
  readonly refunded: Money | null;
  readonly declineReason: string | null;
  readonly detail: string;
  readonly unsettledSince: string | null;
  readonly flag: string | null;
  readonly createdAt: string;
  readonly updatedAt: string;
}

/** A payment with its refunds, its ledger and what was said with the provider. */
export interface PaymentView extends PaymentSummary {
  readonly refunds: readonly {
    readonly refundId: string;
    readonly status: string;
    readonly amount: Money;
    readonly detail: string;
    readonly at: string;
  }[];
  readonly ledger: readonly {
    readonly kind: string;
    readonly account: string;
    readonly amount: Money;
    readonly at: string;
  }[];
  readonly providerCalls: readonly {
    readonly operationId: string;
    readonly kind: string;
    readonly outcome: string;
    readonly amount: number;
    readonly reason: string | null;
    readonly at: string;
  }[];
}

/** Where a list of unsettled payments goes on. */
export interface UnsettledAfter {
  readonly since: string;
  readonly orderId: string;
}

/** Reads payments for people. */
@Injectable()
export class PaymentRepository {
  constructor(private readonly dataSource: DataSource) {}

  /** All of it is of one moment: the ledger is the one that made the payment what it is. */
  find(orderId: string): Promise<PaymentView | undefined> {
    return this.dataSource.transaction('REPEATABLE READ', (manager) => viewOf(manager, orderId));
  }

  /** Payments whose void the provider has not settled yet, oldest first. */
  async unsettled(limit: number, after: UnsettledAfter | undefined): Promise<PaymentSummary[]> {
    const query = this.dataSource
      .getRepository(PaymentEntity)
      .createQueryBuilder('payment')
      .where('payment.unsettledSince IS NOT NULL')
      .orderBy('payment.unsettledSince')
      .addOrderBy('payment.orderId')
      .limit(limit);
    if (after) {
      query.andWhere('(payment.unsettledSince, payment.orderId) > (:since, :orderId)', after);
    }
    return (await query.getMany()).map(summaryOf);
  }
}

async function viewOf(manager: EntityManager, orderId: string): Promise<PaymentView | undefined> {
  const where = { orderId };
  const payment = await manager.findOneBy(PaymentEntity, where);
  if (!payment) return undefined;
  const refunds = await manager.find(RefundEntity, { where, order: { at: 'ASC' } });
  const inTheirOrder = { at: 'ASC', kind: 'ASC', account: 'ASC' } as const;
  const entries = await manager.find(LedgerEntryEntity, { where, order: inTheirOrder });
  const calls = await manager.find(ProviderCallEntity, { where, order: { at: 'ASC', id: 'ASC' } });
  return {
    ...summaryOf(payment),
    refunds: refunds.map((row) => ({
      refundId: row.refundId,
      status: row.status,
      amount: moneyOf(row),
      detail: row.detail,
      at: row.at.toISOString(),
    })),
    ledger: entries.map((row) => ({
      kind: row.kind,
      account: row.account,
      amount: moneyOf(row),
      at: row.at.toISOString(),
    })),
    providerCalls: calls.map(({ operationId, kind, outcome, amount, reason, at }) => ({
      operationId,
      kind,
      outcome,
      amount,
      reason,
      at: at.toISOString(),
    })),
  };
}

const moneyOf = ({ amount, currency }: { amount: number; currency: string }): Money => ({
  amount,
  currency,
});

function summaryOf(payment: PaymentEntity): PaymentSummary {
  const { currency, authorized, captured, refunded } = payment;
  const money = (amount: number): Money | null => (currency === null ? null : { amount, currency });
  return {
    orderId: payment.orderId,
    paymentId: payment.paymentId,
    status: payment.status,
    provider: payment.provider,
    chargeId: payment.chargeId,
    authorized: money(authorized),
    captured: money(captured),
    refunded: money(refunded),
    declineReason: payment.declineReason,
    detail: payment.detail,
    unsettledSince: payment.unsettledSince?.toISOString() ?? null,
    flag: payment.flag,
    createdAt: payment.createdAt.toISOString(),
    updatedAt: payment.updatedAt.toISOString(),
  };
}
