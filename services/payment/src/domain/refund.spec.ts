import { describe, expect, it } from '@jest/globals';
import {
  accountWith,
  byCard,
  creditPaymentWith,
  customerId,
  moved,
  now,
  orderId,
  paymentId,
  paymentWith,
  published,
  refundId,
  told,
} from '../testing/payments.fixture.ts';
import { mustRefund, partsOf, refund } from './refund.ts';

const amount = { amount: 500, currency: 'EUR' };
const command = { orderId, refundId, amount };
const captured = paymentWith({ status: 'captured', captured: 1999 });
const refunded = ['payment.payment-refunded', { orderId, paymentId, refundId, amount }];
const refused = (detail: string) => ['payment.refund-refused', { orderId, refundId, detail }];

describe('refund', () => {
  it('given a captured payment, the money goes back and the refund is kept', () => {
    expect(mustRefund(byCard(captured), undefined, command)).toBe(true);
    const outcome = refund(byCard(captured), undefined, command, published('refunded', 500), now);
    expect(outcome.payment?.refunded).toBe(500);
    expect(outcome.refund).toMatchObject({ status: 'refunded', amount: 500 });
    expect(moved(outcome.entries)).toEqual(['refund: provider_balance -> customer 500']);
    expect(told(outcome)).toEqual([refunded]);
  });

  it('given the same refund again, it says the same and changes nothing', () => {
    const first = refund(byCard(captured), undefined, command, published('refunded', 500), now);
    expect(mustRefund(byCard(first.payment), first.refund, command)).toBe(false);
    const again = refund(byCard(first.payment), first.refund, command, undefined, now);
    expect(again).toEqual({ send: [expect.anything()] });
    expect(told(again)).toEqual([refunded]);
  });

  it('given a refusal of the provider, it is kept, nothing is posted, and a repeated command is another attempt', () => {
    const no = published('refused', 0, 'no_balance');
    const { refund: first, ...outcome } = refund(byCard(captured), undefined, command, no, now);
    expect(first).toMatchObject({ status: 'refused', attempts: 1 });
    expect(outcome.entries).toBeUndefined();
    expect(told(outcome)).toEqual([refused('no_balance')]);
    expect(mustRefund(byCard(captured), first, command)).toBe(true);
    const again = refund(byCard(captured), first, command, published('refunded', 500), now);
    expect(again.refund).toMatchObject({ status: 'refunded', attempts: 2 });
    expect(again.call?.operationId).toBe(`${outcome.call?.operationId}/2`);
    expect(moved(again.entries)).toEqual(['refund: provider_balance -> customer 500']);
    expect(told(again)).toEqual([refunded]);
  });

  it('given several refunds, their sum never exceeds what was captured', () => {
    const part = (amount: number) => ({ ...command, amount: { amount, currency: 'EUR' } });
    const first = refund(
      byCard(captured),
      undefined,
      part(1_500),
      published('refunded', 1_500),
      now,
    );
    expect(mustRefund(byCard(first.payment), undefined, part(499))).toBe(true);
    expect(mustRefund(byCard(first.payment), undefined, part(500))).toBe(false);
    const last = refund(
      byCard(first.payment),
      undefined,
      part(499),
      published('refunded', 499),
      now,
    );
    expect(last.payment?.refunded).toBe(1_999);
  });

  it('given nothing to refund, it is done without asking', () => {
    const nothing = { ...command, amount: { amount: 0, currency: 'EUR' } };
    expect(mustRefund(byCard(captured), undefined, nothing)).toBe(false);
    const outcome = refund(byCard(captured), undefined, nothing, undefined, now);
    expect(outcome).toEqual({ send: [expect.anything()] });
    expect(told(outcome)).toEqual([
      ['payment.payment-refunded', { orderId, paymentId, refundId, amount: nothing.amount }],
    ]);
  });

  it.each([
    ['no payment', undefined, amount, `order ${orderId} has no payment`],
    ['a payment that is not captured', paymentWith(), amount, 'the payment is authorized'],
    ['more than is left', { ...captured, refunded: 1500 }, amount, 'more than was captured'],
    ['another currency', captured, { amount: 5, currency: 'USD' }, 'the payment is in EUR'],
    ['less than nothing', captured, { amount: -1, currency: 'EUR' }, 'it must not be negative'],
  ])('given %s, it is refused without asking', (_, payment, asked, detail) => {
    const other = { orderId, refundId, amount: asked };
    expect(mustRefund(byCard(payment), undefined, other)).toBe(false);
    expect(told(refund(byCard(payment), undefined, other, undefined, now))).toEqual([
      refused(detail),
    ]);
  });
});

describe('refund of an order that store credit has paid a part of', () => {
  const euros = (cents: number) => ({ amount: cents, currency: 'EUR' });
  const card = paymentWith({ status: 'captured', authorized: 1_299, captured: 1_299 });
  const payment = creditPaymentWith({ status: 'captured' });
  const both = { card, credit: { payment, account: accountWith({ balance: 100 }) } };
  const of = (cents: number) => ({ orderId, refundId, amount: euros(cents), customerId });

  it('given less than the card has paid, it all goes to the card', () => {
    expect(partsOf(both, of(1_000))).toEqual({ card: 1_000, credit: 0 });
    const outcome = refund(both, undefined, of(1_000), published('refunded', 1_000), now);
    expect(moved(outcome.entries)).toEqual(['refund: provider_balance -> customer 1000']);
    expect(told(outcome)).toEqual([
      ['payment.payment-refunded', { orderId, paymentId, refundId, amount: euros(1_000) }],
    ]);
  });

  it('given more, the card comes first, and the rest goes back to the credit, once', () => {
    const outcome = refund(both, undefined, of(1_999), published('refunded', 1_299), now);
    expect(outcome.refund).toMatchObject({ amount: 1_999, credit: 700 });
    expect(outcome.creditAccount).toMatchObject({ balance: 800 });
    expect(moved(outcome.entries)).toEqual([
      'refund: provider_balance -> customer 1299',
      'credit_refund: credit_spent -> credit 700',
    ]);
    const reply = { orderId, paymentId, refundId, amount: euros(1_999), credit: euros(700) };
    expect(told(outcome)).toEqual([['payment.payment-refunded', reply]]);
    const again = refund(both, outcome.refund, of(1_999), undefined, now);
    expect(again).toEqual({ send: [expect.anything()] });
    expect(told(again)).toEqual(told(outcome));
  });

  it('given a card that has got everything back, the provider is not asked', () => {
    const left = { ...both, card: { ...card, refunded: 1_299 } };
    expect(mustRefund(left, undefined, of(700))).toBe(false);
    const outcome = refund(left, undefined, of(700), undefined, now);
    expect(moved(outcome.entries)).toEqual(['credit_refund: credit_spent -> credit 700']);
    expect(told(refund(left, undefined, of(701), undefined, now))).toEqual([
      refused('more than was captured'),
    ]);
  });

  it('given a card that refuses, nothing goes back to the credit', () => {
    const outcome = refund(both, undefined, of(1_999), published('refused', 0, 'no_balance'), now);
    expect(outcome).not.toHaveProperty('creditAccount');
    expect(outcome.entries).toBeUndefined();
    expect(told(outcome)).toEqual([refused('no_balance')]);
  });

  it('given no card, it all goes back to the credit', () => {
    const outcome = refund({ ...both, card: undefined }, undefined, of(300), undefined, now);
    expect(outcome.creditPayment).toMatchObject({ refunded: 300 });
    expect(moved(outcome.entries)).toEqual(['credit_refund: credit_spent -> credit 300']);
  });
});
