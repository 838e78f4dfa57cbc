import { describe, expect, it } from '@jest/globals';
import {
  moved,
  now,
  orderId,
  paymentId,
  paymentWith,
  published,
  refundId,
  told,
} from '../testing/payments.fixture.ts';
import { mustRefund, refund } from './refund.ts';

const amount = { amount: 500, currency: 'EUR' };
const command = { orderId, refundId, amount };
const captured = paymentWith({ status: 'captured', captured: 1999 });
const refunded = ['payment.payment-refunded', { orderId, paymentId, refundId, amount }];
const refused = (detail: string) => ['payment.refund-refused', { orderId, refundId, detail }];

describe('refund', () => {
  it('given a captured payment, the money goes back and the refund is kept', () => {
    expect(mustRefund(captured, undefined, command)).toBe(true);
    const outcome = refund(captured, undefined, command, published('refunded', 500), now);
    expect(outcome.payment?.refunded).toBe(500);
    expect(outcome.refund).toMatchObject({ status: 'refunded', amount: 500 });
    expect(moved(outcome.entries)).toEqual(['refund: provider_balance -> customer 500']);
    expect(told(outcome)).toEqual([refunded]);
  });

  it('given the same refund again, it says the same and changes nothing', () => {
    const first = refund(captured, undefined, command, published('refunded', 500), now);
    expect(mustRefund(first.payment, first.refund, command)).toBe(false);
    const again = refund(first.payment, first.refund, command, undefined, now);
    expect(again).toEqual({ send: [expect.anything()] });
    expect(told(again)).toEqual([refunded]);
  });

  it('given a refusal of the provider, it is kept, nothing is posted, and a repeated command is another attempt', () => {
    const no = published('refused', 0, 'no_balance');
    const { refund: first, ...outcome } = refund(captured, undefined, command, no, now);
    expect(first).toMatchObject({ status: 'refused', attempts: 1 });
    expect(outcome.entries).toBeUndefined();
    expect(told(outcome)).toEqual([refused('no_balance')]);
    expect(mustRefund(captured, first, command)).toBe(true);
    const again = refund(captured, first, command, published('refunded', 500), now);
    expect(again.refund).toMatchObject({ status: 'refunded', attempts: 2 });
    expect(again.call?.operationId).toBe(`${outcome.call?.operationId}/2`);
    expect(moved(again.entries)).toEqual(['refund: provider_balance -> customer 500']);
    expect(told(again)).toEqual([refunded]);
  });

  it('given several refunds, their sum never exceeds what was captured', () => {
    const part = (amount: number) => ({ ...command, amount: { amount, currency: 'EUR' } });
    const first = refund(captured, undefined, part(1_500), published('refunded', 1_500), now);
    expect(mustRefund(first.payment, undefined, part(499))).toBe(true);
    expect(mustRefund(first.payment, undefined, part(500))).toBe(false);
    const last = refund(first.payment, undefined, part(499), published('refunded', 499), now);
    expect(last.payment?.refunded).toBe(1_999);
  });

  it('given nothing to refund, it is done without asking', () => {
    const nothing = { ...command, amount: { amount: 0, currency: 'EUR' } };
    expect(mustRefund(captured, undefined, nothing)).toBe(false);
    const outcome = refund(captured, undefined, nothing, undefined, now);
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
    expect(mustRefund(payment, undefined, other)).toBe(false);
    expect(told(refund(payment, undefined, other, undefined, now))).toEqual([refused(detail)]);
  });
});
