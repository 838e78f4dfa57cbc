import type { Message, Money } from '@waybill/contracts';
import type { LedgerEntry } from './ledger.ts';
import type { PaymentFlag } from './payment-flag.ts';
import type { ProviderCall } from './provider.ts';

/**
 * `void_pending`: given up here, the provider has not said yet what became of it (unsettled).
 * `voided`: was authorized, is given up. `undone`: given up before anything was authorized; a do that comes later
 * is refused.
 */
export type PaymentStatus =
  | 'authorized'
  | 'declined'
  | 'captured'
  | 'capture_refused'
  | 'void_pending'
  | 'voided'
  | 'undone';

export type DeclineReason = 'payment_declined' | 'payment_unavailable' | 'undone';

/** Where the payment of an order stands. Amounts are minor units of `currency`. */
export interface Payment {
  readonly orderId: string;
  readonly paymentId: string;
  readonly status: PaymentStatus;
  readonly provider: string;
  readonly chargeId: string | null;
  /** Null as long as nothing was asked or answered that had one. */
  readonly currency: string | null;
  readonly authorized: number;
  readonly captured: number;
  readonly refunded: number;
  /** What an authorization is answered from now on, when it is not `authorized`. */
  readonly declineReason: DeclineReason | null;
  readonly detail: string;
  /** Since when the payment is `void_pending`; null once that is settled. */
  readonly unsettledSince: string | null;
  readonly createdAt: string;
  readonly updatedAt: string;
}

/** One refund of an order; kept so that asking for it again gives the same answer. */
export interface Refund {
  readonly operationId: string;
  readonly orderId: string;
  readonly refundId: string;
  readonly status: 'refunded' | 'refused';
  readonly amount: number;
  readonly currency: string;
  readonly detail: string;
  readonly at: string;
}

/** What follows from a command: what is written, and what is said. */
export interface Outcome {
  readonly payment?: Payment;
  readonly refund?: Refund;
  readonly entries?: readonly LedgerEntry[];
  readonly call?: ProviderCall;
  readonly flag?: PaymentFlag;
  readonly send: readonly Message[];
}

/** What a decision may know beside state and command. */
export interface Moment {
  readonly at: string;
  readonly provider: string;
  /** The id of a payment that begins now. */
  readonly paymentId: string;
}

/** A payment of which nothing is known yet but its order. */
export const newPayment = (
  orderId: string,
  { at, provider, paymentId }: Moment,
  status: PaymentStatus,
): Payment => ({
  orderId,
  paymentId,
  status,
  provider,
  chargeId: null,
  currency: null,
  authorized: 0,
  captured: 0,
  refunded: 0,
  declineReason: null,
  detail: '',
  unsettledSince: null,
  createdAt: at,
  updatedAt: at,
});

/** The currency of a payment that moved money. */
export function currencyOf(payment: Payment): string {
  if (payment.currency !== null) return payment.currency;
  throw new PaymentError('no_currency', `payment of order ${payment.orderId} has no currency yet`);
}

export const moneyOf = (payment: Payment, amount: number): Money => ({
  amount,
  currency: currencyOf(payment),
});

/** The decision needs an answer of the provider that was not asked for, because the state was another one then. */
export class StaleAsk extends Error {
  readonly code = 'stale_ask';
  readonly retriable = true;
  constructor(orderId: string) {
    super(`the payment of order ${orderId} changed between asking the provider and deciding`);
    this.name = 'StaleAsk';
  }
}

/** A rule of payments said no; asking again will not help. */
export class PaymentError extends Error {
  readonly retriable = false;
  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message);
    this.name = 'PaymentError';
  }
}
