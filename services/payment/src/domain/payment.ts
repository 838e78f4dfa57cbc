import type { Message, Money } from '@waybill/contracts';
import type { CreditAccount } from './credit-account.ts';
import type { Credit, CreditPayment } from './credit-payment.ts';
import type { LedgerEntry } from './ledger.ts';
import type { PaymentFlag } from './payment-flag.ts';
import type { ProviderCall } from './provider.ts';

/**
 * `requires_action`: the customer must confirm it at the provider first.
 * `void_pending`: given up here, and the provider has not settled it yet (unsettled).
 * `voided`: was authorized and is released. `undone`: given up before anything was authorized; a later authorization
 * is refused.
 */
export type PaymentStatus =
  | 'requires_action'
  | 'authorized'
  | 'declined'
  | 'captured'
  | 'capture_refused'
  | 'void_pending'
  | 'voided'
  | 'undone';

export type DeclineReason = 'payment_declined' | 'payment_unavailable' | 'undone';

/** What the customer must confirm, where, and until when. */
export interface Challenge {
  readonly url: string;
  readonly until: string;
  readonly amount: number;
}

/** The state of an order's payment. Amounts are in minor units of `currency`. */
export interface Payment {
  readonly orderId: string;
  readonly paymentId: string;
  readonly status: PaymentStatus;
  readonly provider: string;
  readonly chargeId: string | null;
  /** Null until a command or a response has a currency. */
  readonly currency: string | null;
  readonly authorized: number;
  readonly captured: number;
  readonly refunded: number;
  /** The reply to every later authorization if the status is not `authorized`. */
  readonly declineReason: DeclineReason | null;
  readonly detail: string;
  /** Only while the status is `requires_action`. */
  readonly challenge: Challenge | null;
  /** When the payment became `void_pending`; null once that is settled. */
  readonly unsettledSince: string | null;
  readonly createdAt: string;
  readonly updatedAt: string;
}

/** What an order is paid with: a card at the provider, store credit, or both. */
export interface PaidWith {
  readonly card: Payment | undefined;
  readonly credit: Credit;
}

/** One refund of an order, stored so that a repeated command of a successful one gets the same reply. */
export interface Refund {
  readonly operationId: string;
  readonly orderId: string;
  readonly refundId: string;
  readonly status: 'refunded' | 'refused';
  readonly amount: number;
  /** The part of the amount that went back to store credit. */
  readonly credit: number;
  readonly currency: string;
  readonly detail: string;
  /** How often the provider was asked; each attempt but the last was refused. */
  readonly attempts: number;
  readonly at: string;
}

/** The result of a command: what is stored and sent. */
export interface Outcome {
  readonly payment?: Payment;
  readonly refund?: Refund;
  readonly creditPayment?: CreditPayment;
  readonly creditAccount?: CreditAccount;
  readonly entries?: readonly LedgerEntry[];
  readonly call?: ProviderCall;
  readonly flag?: PaymentFlag;
  readonly send: readonly Message[];
}

/** The context of a decision besides state and command. */
export interface Moment {
  readonly at: string;
  readonly provider: string;
  /** The id for a new payment. */
  readonly paymentId: string;
  /** How long a customer may take to confirm a payment from now on. */
  readonly actionUntil: string;
}

/** A new payment of an order, without any result yet. */
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
  challenge: null,
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

/** The decision needs the result of an external call that was not made, because the state has changed since then. */
export class StaleCall extends Error {
  readonly code = 'stale_ask';
  readonly retriable = true;
  constructor(orderId: string) {
    super(`the payment of order ${orderId} changed between asking the provider and deciding`);
    this.name = 'StaleAsk';
  }
}

/** A rule of payments refuses the command; retries do not help. */
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
