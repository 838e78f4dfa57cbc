import { describe, expect, it } from '@jest/globals';
import { evolvePayment, noPayment } from './order-payment.ts';

const total = 1_000;
type Event = Parameters<typeof evolvePayment>[1];
const after = (...events: readonly Event[]) =>
  events.reduce((payment, event) => evolvePayment(payment, event, total), noPayment);

const reserved = (amount: number): Event => ({
  type: 'credit-reserved',
  data: { paymentId: 'credit-1', amount },
});
const authorized: Event = {
  type: 'payment-authorized',
  data: { paymentId: 'card-1', amount: 700 },
};
const captured: Event = { type: 'payment-captured', data: { amount: total } };
const refunded = (amount: number, credit?: number): Event => ({
  type: 'payment-refunded',
  data: { amount, ...(credit === undefined ? {} : { credit }) },
});
const released: Event = { type: 'credit-released', data: {} };
const voided: Event = { type: 'payment-voided', data: {} };
const declined: Event = { type: 'rejected', data: { reason: 'payment_declined' } };

describe('a payment with store credit', () => {
  it('is authorized when the credit covers everything, and else when the card does too', () => {
    const part = { authorized: total, captured: 0, refunded: 0 };
    expect(after(reserved(total))).toMatchObject({ status: 'authorized', credit: part });
    expect(after(reserved(300))).toMatchObject({ status: 'pending', authorized: 300 });
    expect(after(reserved(300), authorized)).toMatchObject({
      status: 'authorized',
      id: 'card-1',
      authorized: total,
    });
  });

  it('counts what went back to the credit apart', () => {
    const paid = [reserved(300), authorized, captured];
    expect(after(...paid)).toMatchObject({ captured: total, credit: { captured: 300 } });
    expect(after(...paid, refunded(700))).toMatchObject({
      status: 'partially_refunded',
      credit: { refunded: 0 },
    });
    expect(after(...paid, refunded(700), refunded(300, 300))).toMatchObject({
      status: 'refunded',
      refunded: total,
      credit: { captured: 300, refunded: 300 },
    });
  });

  it('is declined when the card was, and voided when both were undone', () => {
    expect(after(reserved(300), released, declined)).toMatchObject({
      status: 'declined',
      authorized: 0,
    });
    expect(after(reserved(300), authorized, voided, released)).toMatchObject({
      status: 'voided',
      authorized: 0,
      credit: { authorized: 0 },
    });
    expect(after(reserved(total), released)).toMatchObject({ status: 'voided', authorized: 0 });
  });
});
