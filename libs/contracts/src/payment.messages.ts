import { command, encrypted, event, instant, reply, text } from '@waybill/message';
import { z } from 'zod';
import { money } from './money.ts';
import { orderId } from './values.ts';

const paymentId = z.uuid();

const customerId = text(1, 100);

/** The part of a payment that the store credit of a customer pays. */
const creditPart = z.strictObject({ customerId, amount: money });

/** Requests that payment reserves the amount in the customer's store credit. */
export const ReserveCredit = command('payment.reserve-credit', {
  summary: 'Reserve an amount of the store credit of a customer for an order.',
  schema: creditPart.extend({ orderId }),
  key: (data) => data.orderId,
});

/** Undoes `ReserveCredit`, even before it has arrived. */
export const ReleaseCredit = command('payment.release-credit', {
  summary: 'Give up the store credit that is reserved for an order.',
  schema: z.strictObject({ orderId, customerId }),
  key: (data) => data.orderId,
  priority: () => 'critical',
  retry: 'unbounded',
});

/** Requests that payment reserves the amount at the provider. */
export const AuthorizePayment = command('payment.authorize-payment', {
  version: 2,
  upcasters: { 1: (old: object) => old },
  summary: 'Reserve the amount of an order at the payment provider.',
  schema: z.strictObject({
    orderId,
    amount: money,
    method: z.literal('card'),
    token: encrypted(text(1, 200)),
  }),
  key: (data) => data.orderId,
  // Payment repeats a call with an unknown outcome until the outcome is known; it replies by itself after 20 s.
  retry: 'unbounded',
});

/** Undoes `AuthorizePayment`, even before it has arrived or while its outcome is unknown. */
export const VoidPayment = command('payment.void-payment', {
  summary: 'Give up the authorized amount of an order.',
  schema: z.strictObject({ orderId }),
  key: (data) => data.orderId,
  priority: () => 'critical',
  retry: 'unbounded',
});

/** The pivot: once it succeeds, the saga of the order can no longer be aborted. */
export const CapturePayment = command('payment.capture-payment', {
  summary: 'Take the authorized amount of an order.',
  schema: z.strictObject({
    orderId,
    amount: money,
    /** Without it, everything is taken at the payment provider. */
    credit: creditPart.optional(),
  }),
  key: (data) => data.orderId,
  retry: 'unbounded',
});

/** Payment to itself: completes a void whose outcome is unknown, with unlimited retries. */
export const SettleVoid = command('payment.settle-void', {
  summary:
    'Give up at the provider what may have been authorized there, until the answer is definite.',
  schema: z.strictObject({ orderId }),
  key: (data) => data.orderId,
  retry: 'unbounded',
});

/** Refunds captured money. `refundId` distinguishes the refunds of one order and makes each take effect once. */
export const RefundPayment = command('payment.refund-payment', {
  summary: 'Give back captured money of an order.',
  schema: z.strictObject({
    orderId,
    refundId: z.uuid(),
    amount: money,
    /** Whose store credit gets what the provider cannot give back, because credit has paid it. */
    customerId: customerId.optional(),
  }),
  key: (data) => data.orderId,
  priority: () => 'critical',
  retry: 'unbounded',
});

export const CreditReserved = reply('payment.credit-reserved', {
  summary: 'The amount is reserved in the store credit of the customer.',
  schema: z.strictObject({ orderId, paymentId, amount: money }),
  key: (data) => data.orderId,
});

export const CreditDeclined = reply('payment.credit-declined', {
  summary: 'Nothing was reserved: there is too little credit, or it was released before it came.',
  schema: z.strictObject({
    orderId,
    reason: z.enum(['payment_declined', 'undone']),
    detail: text(0, 300),
  }),
  key: (data) => data.orderId,
});

export const CreditReleased = reply('payment.credit-released', {
  summary: 'No store credit is reserved for the order.',
  schema: z.strictObject({ orderId }),
  key: (data) => data.orderId,
});

export const PaymentAuthorized = reply('payment.payment-authorized', {
  summary: 'The amount is reserved at the provider.',
  schema: z.strictObject({ orderId, paymentId, amount: money }),
  key: (data) => data.orderId,
});

/** The notice that the reply to `AuthorizePayment` waits for the customer, at the latest until `until`. */
export const PaymentActionRequired = reply('payment.payment-action-required', {
  summary: 'The customer must confirm the payment at the provider before it is authorized.',
  schema: z.strictObject({ orderId, paymentId, actionUrl: text(1, 2_000), until: instant }),
  key: (data) => data.orderId,
});

export const PaymentDeclined = reply('payment.payment-declined', {
  summary:
    'Nothing was reserved: declined, the provider is unavailable, or the payment was undone before it came.',
  schema: z.strictObject({
    orderId,
    reason: z.enum(['payment_declined', 'payment_unavailable', 'undone']),
    detail: text(0, 300),
  }),
  key: (data) => data.orderId,
});

export const PaymentVoided = reply('payment.payment-voided', {
  summary: 'The authorization is given up, or will be as soon as its outcome is known.',
  schema: z.strictObject({
    orderId,
    state: z.enum(['voided', 'void_pending', 'never_authorized']),
  }),
  key: (data) => data.orderId,
});

export const PaymentCaptured = reply('payment.payment-captured', {
  summary: 'The money is taken; from here the order only goes forward.',
  schema: z.strictObject({ orderId, paymentId, amount: money }),
  key: (data) => data.orderId,
});

export const CaptureRefused = reply('payment.capture-refused', {
  summary: 'The provider refused the capture for good; nothing was taken.',
  schema: z.strictObject({ orderId, detail: text(0, 300) }),
  key: (data) => data.orderId,
});

export const PaymentRefunded = reply('payment.payment-refunded', {
  summary: 'The money is given back.',
  schema: z.strictObject({
    orderId,
    paymentId,
    refundId: z.uuid(),
    amount: money,
    /** The part of the amount that went back to the store credit of the customer. */
    credit: money.optional(),
  }),
  key: (data) => data.orderId,
});

export const RefundRefused = reply('payment.refund-refused', {
  summary: 'The refund is refused for good: nothing was given back.',
  schema: z.strictObject({ orderId, refundId: z.uuid(), detail: text(0, 300) }),
  key: (data) => data.orderId,
});

/** The provider reported a dispute, or a charge that the service's own records lack. */
export const PaymentFlagged = event('payment.payment-flagged', {
  summary: 'The provider reported something about a payment that an operator should look at.',
  schema: z.strictObject({
    orderId,
    paymentId,
    flag: z.enum(['dispute', 'unknown_charge']),
    detail: text(0, 300),
  }),
  key: (data) => data.orderId,
});
