import type { OrderEvent, OrderRefund } from './order.events.ts';

/** The part of a payment that store credit pays, in minor units. */
export interface CreditPart {
  readonly authorized: number;
  readonly captured: number;
  readonly refunded: number;
}

/** The amounts are of card and store credit together. */
export interface OrderPayment {
  readonly status:
    | 'pending'
    | 'requires_action'
    | 'authorized'
    | 'captured'
    | 'declined'
    | 'voided'
    | 'partially_refunded'
    | 'refunded';
  readonly id: string | null;
  /** Where the customer confirms the payment; only while the status is `requires_action`. */
  readonly actionUrl?: string;
  readonly authorized: number;
  readonly captured: number;
  readonly refunded: number;
  /** Only of orders that use store credit, from its reservation on. */
  readonly credit?: CreditPart;
}

export const noPayment: OrderPayment = {
  status: 'pending',
  id: null,
  authorized: 0,
  captured: 0,
  refunded: 0,
};

type PaymentEvent = Extract<
  OrderEvent,
  { readonly type: `payment-${string}` | `credit-${string}` | 'rejected' }
>;

/** The payment of an order of `total` after one more event. */
export function evolvePayment(
  before: OrderPayment,
  event: PaymentEvent,
  total: number,
): OrderPayment {
  const { actionUrl: _, ...payment } = before;
  switch (event.type) {
    case 'credit-reserved':
      return reserved(before, event.data, total);
    case 'credit-released':
      return released(before);
    case 'payment-authorized': {
      const { paymentId: id, amount } = event.data;
      return { ...payment, status: 'authorized', id, authorized: creditOf(payment) + amount };
    }
    case 'payment-action-required': {
      const { paymentId: id, actionUrl } = event.data;
      return { ...payment, status: 'requires_action', id, actionUrl };
    }
    case 'payment-captured':
      return captured(payment, event.data.amount);
    case 'payment-voided':
      return { ...payment, status: 'voided', authorized: creditOf(payment) };
    case 'payment-refunded':
      return refunded(payment, event.data);
    case 'rejected':
      return isUnpaid(payment) ? { ...payment, status: unpaid(event) } : payment;
  }
}

const creditOf = ({ credit }: OrderPayment): number => credit?.authorized ?? 0;

/** Only credit that pays everything makes the order authorized: otherwise a card follows. */
const reserved = (
  payment: OrderPayment,
  { paymentId: id, amount }: { readonly paymentId: string; readonly amount: number },
  total: number,
): OrderPayment => ({
  ...payment,
  status: amount === total ? 'authorized' : payment.status,
  id,
  authorized: amount,
  credit: { authorized: amount, captured: 0, refunded: 0 },
});

/** A card that was declined, or not confirmed, decides how the payment ended. */
const released = (payment: OrderPayment): OrderPayment => ({
  ...payment,
  status: payment.status === 'authorized' ? 'voided' : payment.status,
  authorized: 0,
  credit: { authorized: 0, captured: 0, refunded: 0 },
});

const captured = (payment: OrderPayment, amount: number): OrderPayment => {
  const { credit } = payment;
  const part = credit && { credit: { ...credit, captured: credit.authorized } };
  return { ...payment, status: 'captured', captured: amount, ...part };
};

const refunded = (payment: OrderPayment, refund: OrderRefund): OrderPayment => {
  const sum = payment.refunded + refund.amount;
  const { credit } = payment;
  const part = credit && {
    credit: { ...credit, refunded: credit.refunded + (refund.credit ?? 0) },
  };
  return {
    ...payment,
    status: sum < payment.captured ? 'partially_refunded' : 'refunded',
    refunded: sum,
    ...part,
  };
};

const isUnpaid = ({ status }: OrderPayment): boolean =>
  status === 'pending' || status === 'requires_action';

const unpaid = ({ data }: Extract<OrderEvent, { type: 'rejected' }>): OrderPayment['status'] =>
  data.reason === 'payment_declined' ? 'declined' : 'voided';
