import type { Money } from '@waybill/contracts';
import type { FlagKind } from '../domain/payment-flag.ts';
import type { CreditPaymentEntity, PaymentEntity, PaymentFlagEntity } from './payment.entities.ts';

/** The part of a payment that store credit pays. */
export interface CreditPartView {
  readonly status: CreditPaymentEntity['status'];
  readonly amount: Money | null;
  readonly refunded: Money | null;
}

/** A flag as shown to operators; `eventId` is the provider's. */
export interface FlagView {
  readonly flag: FlagKind;
  readonly detail: string;
  readonly eventId: string | null;
  readonly occurredAt: string;
  readonly at: string;
}

/** A flag in the list of all orders' flags. */
export interface ListedFlag extends FlagView {
  readonly orderId: string;
}

/** A payment in an operator's list. */
export interface PaymentSummary {
  readonly orderId: string;
  readonly paymentId: string;
  readonly status: PaymentEntity['status'];
  readonly provider: string;
  readonly chargeId: string | null;
  /** The amounts are of card and store credit together; null if no store credit is used. */
  readonly credit: CreditPartView | null;
  readonly authorized: Money | null;
  readonly captured: Money | null;
  readonly refunded: Money | null;
  readonly declineReason: string | null;
  readonly detail: string;
  /** Where and until when the customer confirms the payment, while it is `requires_action`. */
  readonly actionUrl: string | null;
  readonly actionUntil: string | null;
  readonly unsettledSince: string | null;
  /** Every flag, the oldest first. */
  readonly flags: readonly FlagView[];
  readonly createdAt: string;
  readonly updatedAt: string;
}

/** A payment with its refunds, its ledger and its calls to the provider. */
export interface PaymentView extends PaymentSummary {
  readonly refunds: readonly {
    readonly refundId: string;
    readonly status: string;
    readonly amount: Money;
    readonly credit: Money;
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

export const moneyOf = ({ amount, currency }: { amount: number; currency: string }): Money => ({
  amount,
  currency,
});

const statusOfCredit = {
  reserved: 'authorized',
  declined: 'declined',
  captured: 'captured',
  released: 'voided',
  undone: 'undone',
} as const;

/** The payment of an order by card, store credit or both; undefined if there is neither. */
export function summaryOf(
  card: PaymentEntity | undefined,
  credit: CreditPaymentEntity | undefined,
  flags: readonly PaymentFlagEntity[],
): PaymentSummary | undefined {
  if (card) return { ...summaryOfCard(card, credit), flags: flags.map(flagView) };
  if (!credit) return undefined;
  const { orderId, paymentId, createdAt, updatedAt, status, detail } = credit;
  return {
    orderId,
    paymentId,
    status: statusOfCredit[status],
    provider: 'credit',
    chargeId: null,
    ...amountsOf(undefined, credit),
    declineReason: status === 'declined' ? 'payment_declined' : null,
    detail,
    actionUrl: null,
    actionUntil: null,
    unsettledSince: null,
    flags: flags.map(flagView),
    createdAt,
    updatedAt,
  };
}

const summaryOfCard = (
  payment: PaymentEntity,
  credit: CreditPaymentEntity | undefined,
): Omit<PaymentSummary, 'flags'> => ({
  orderId: payment.orderId,
  paymentId: payment.paymentId,
  status: payment.status,
  provider: payment.provider,
  chargeId: payment.chargeId,
  ...amountsOf(payment, credit),
  declineReason: payment.declineReason,
  detail: payment.detail,
  actionUrl: payment.challenge?.url ?? null,
  actionUntil: payment.challenge?.until ?? null,
  unsettledSince: payment.unsettledSince,
  createdAt: payment.createdAt,
  updatedAt: payment.updatedAt,
});

/** The sums of card and store credit, and the part of the latter. */
function amountsOf(
  card: PaymentEntity | undefined,
  credit: CreditPaymentEntity | undefined,
): Pick<PaymentSummary, 'authorized' | 'captured' | 'refunded' | 'credit'> {
  const currency = card?.currency ?? credit?.currency ?? null;
  const money = (amount: number): Money | null => (currency === null ? null : { amount, currency });
  const part = partsOf(credit);
  return {
    authorized: money((card?.authorized ?? 0) + part.authorized),
    captured: money((card?.captured ?? 0) + part.captured),
    refunded: money((card?.refunded ?? 0) + part.refunded),
    credit: credit
      ? { status: credit.status, amount: money(credit.amount), refunded: money(credit.refunded) }
      : null,
  };
}

/** The amounts in the same sense as those of a card: what was authorized once stays so. */
function partsOf(credit: CreditPaymentEntity | undefined) {
  if (!credit) return { authorized: 0, captured: 0, refunded: 0 };
  const { status, amount, refunded } = credit;
  const wasReserved = status !== 'declined' && status !== 'undone';
  return {
    authorized: wasReserved ? amount : 0,
    captured: status === 'captured' ? amount : 0,
    refunded,
  };
}

export const flagView = ({
  flag,
  detail,
  eventId,
  occurredAt,
  at,
}: PaymentFlagEntity): FlagView => ({
  flag,
  detail,
  eventId,
  occurredAt,
  at,
});
