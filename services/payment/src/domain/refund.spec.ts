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

  it('given a refusal of the provider, it is kept and nothing is posted', () => {
    const outcome = refund(
      captured,
      undefined,
      command,
      published('refused', 0, 'no_balance'),
      now,
    );
    expect(outcome.refund?.status).toBe('refused');
    expect(outcome.entries).toBeUndefined();
    expect(told(outcome)).toEqual([refused('no_balance')]);
  });

  it.each([
    ['no payment', undefined, amount, `order ${orderId} has no payment`],
    ['a payment that is not captured', paymentWith(), amount, 'the payment is authorized'],
    ['more than is left', { ...captured, refunded: 1500 }, amount, 'more than was captured'],
    ['another currency', captured, { amount: 5, currency: 'USD' }, 'the payment is in EUR'],
    ['nothing', captured, { amount: 0, currency: 'EUR' }, 'the amount must be more than 0'],
  ])('given %s, it is refused without asking', (_, payment, asked, detail) => {
    const other = { orderId, refundId, amount: asked };
    expect(mustRefund(payment, undefined, other)).toBe(false);
    expect(told(refund(payment, undefined, other, undefined, now))).toEqual([refused(detail)]);
  });
});
