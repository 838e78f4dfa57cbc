import { journal, states } from '@waybill/messaging';
import type { LedgerEntry } from '../domain/ledger.ts';
import type { Payment, Refund } from '../domain/payment.ts';
import type { PaymentFlag } from '../domain/payment-flag.ts';
import type { ProviderEvent } from '../domain/provider-event.ts';

/** One row an order. */
export const payments = states<Payment>({
  table: 'payments',
  id: 'orderId',
  columns: {
    orderId: 'uuid',
    paymentId: 'uuid',
    status: 'text',
    provider: 'text',
    chargeId: 'text',
    currency: 'text',
    authorized: 'bigint',
    captured: 'bigint',
    refunded: 'bigint',
    declineReason: 'text',
    detail: 'text',
    unsettledSince: 'timestamptz',
    createdAt: 'timestamptz',
    updatedAt: 'timestamptz',
  },
  seldom: ['paymentId', 'provider', 'chargeId', 'currency', 'authorized', 'createdAt'],
  retired: { flag: 'text' },
});

/** What a person should look at: one row a reason, never changed. */
export const paymentFlags = states<PaymentFlag>({
  table: 'payment_flags',
  id: 'id',
  columns: {
    id: 'text',
    orderId: 'uuid',
    flag: 'text',
    eventId: 'text',
    detail: 'text',
    occurredAt: 'timestamptz',
    at: 'timestamptz',
  },
});

/** One row a refund of an order. */
export const refunds = states<Refund>({
  table: 'refunds',
  id: 'operationId',
  columns: {
    operationId: 'text',
    orderId: 'uuid',
    refundId: 'uuid',
    status: 'text',
    amount: 'bigint',
    currency: 'text',
    detail: 'text',
    at: 'timestamptz',
  },
});

/** What providers told unasked, by the provider's id of the event. */
export const providerEvents = states<ProviderEvent>({
  table: 'provider_events',
  id: 'eventId',
  columns: {
    eventId: 'text',
    type: 'text',
    orderId: 'uuid',
    operationId: 'text',
    chargeId: 'text',
    amount: 'bigint',
    currency: 'text',
    at: 'timestamptz',
  },
});

/** The double-entry ledger: definite answers only, both sides of each transfer. */
export const ledgerEntries = journal<LedgerEntry>({
  table: 'ledger_entries',
  columns: {
    orderId: 'uuid',
    operationId: 'text',
    kind: 'text',
    account: 'text',
    amount: 'bigint',
    currency: 'text',
    at: 'timestamptz',
  },
});

/** One definite answer of a provider. */
export interface ProviderCallRow {
  readonly id: string;
  readonly orderId: string;
  readonly operationId: string;
  readonly kind: string;
  readonly outcome: string;
  readonly amount: number;
  readonly chargeId: string | null;
  readonly reason: string | null;
  readonly at: string;
}

/** The provider log: what we asked, and what it said. */
export const providerCalls = journal<ProviderCallRow>({
  table: 'provider_calls',
  columns: {
    id: 'uuid',
    orderId: 'uuid',
    operationId: 'text',
    kind: 'text',
    outcome: 'text',
    amount: 'bigint',
    chargeId: 'text',
    reason: 'text',
    at: 'timestamptz',
  },
});
