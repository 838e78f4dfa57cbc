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
  told,
  total,
} from '../testing/payments.fixture.ts';
import { capture, cardPartOf, mustCapture } from './capture.ts';
import type { PaymentStatus } from './payment.ts';

const command = { orderId, amount: total };
const captured = ['payment.payment-captured', { orderId, paymentId, amount: total }];
const refused = (detail: string) => ['payment.capture-refused', { orderId, detail }];

describe('capture', () => {
  it('given an authorized payment, when the provider takes the money, then it is ours', () => {
    expect(mustCapture(byCard(paymentWith()), command)).toBe(true);
    const outcome = capture(byCard(paymentWith()), command, published('captured', 1999), now);
    expect(outcome.payment).toMatchObject({ status: 'captured', captured: 1999 });
    expect(moved(outcome.entries)).toEqual(['capture: provider_hold -> provider_balance 1999']);
    expect(told(outcome)).toEqual([captured]);
  });

  it('given an amount below the authorized one, the rest goes back', () => {
    const part = { orderId, amount: { amount: 1500, currency: 'EUR' } };
    const outcome = capture(byCard(paymentWith()), part, published('captured', 1500), now);
    expect(moved(outcome.entries)).toEqual([
      'capture: provider_hold -> provider_balance 1500',
      'release: provider_hold -> customer 499',
    ]);
  });

  it('given a refusal, nothing is posted and the amount stays held until it is voided', () => {
    const outcome = capture(
      byCard(paymentWith()),
      command,
      published('refused', 0, 'capture_declined'),
      now,
    );
    expect(outcome.payment).toMatchObject({ status: 'capture_refused', captured: 0 });
    expect(outcome.entries).toBeUndefined();
    expect(told(outcome)).toEqual([refused('capture_declined')]);
  });

  it('given a captured payment, it says so again', () => {
    const payment = paymentWith({ status: 'captured', captured: 1999 });
    expect(mustCapture(byCard(payment), command)).toBe(false);
    expect(told(capture(byCard(payment), command, undefined, now))).toEqual([captured]);
  });

  it('given a refused capture, it says the same again', () => {
    const payment = paymentWith({ status: 'capture_refused', detail: 'capture_declined' });
    expect(told(capture(byCard(payment), command, undefined, now))).toEqual([
      refused('capture_declined'),
    ]);
  });

  it.each<PaymentStatus>(['declined', 'void_pending', 'voided', 'undone'])(
    'given a payment that is %s, it is refused without asking',
    (status) => {
      expect(mustCapture(byCard(paymentWith({ status })), command)).toBe(false);
      expect(told(capture(byCard(paymentWith({ status })), command, undefined, now))).toEqual([
        refused(`the payment is ${status}`),
      ]);
    },
  );

  it.each([
    ['no payment', undefined, total, `order ${orderId} has no payment`],
    [
      'more than was authorized',
      paymentWith(),
      { amount: 2000, currency: 'EUR' },
      'more than was authorized',
    ],
    ['another currency', paymentWith(), { amount: 1999, currency: 'USD' }, 'the payment is in EUR'],
    ['nothing', paymentWith(), { amount: 0, currency: 'EUR' }, 'the amount must be more than 0'],
  ])('given %s, it is refused without asking', (_, payment, amount, detail) => {
    expect(mustCapture(byCard(payment), { orderId, amount })).toBe(false);
    expect(told(capture(byCard(payment), { orderId, amount }, undefined, now))).toEqual([
      refused(detail),
    ]);
  });

  it('given a decision without the answer that it needs, it is tried again', () => {
    expect(() => capture(byCard(paymentWith()), command, undefined, now)).toThrow(
      expect.objectContaining({ code: 'stale_ask', retriable: true }),
    );
  });
});

describe('capture of an order that store credit pays', () => {
  const euros = (amount: number) => ({ amount, currency: 'EUR' });
  const credit = { payment: creditPaymentWith(), account: accountWith({ held: 700 }) };
  const part = { orderId, amount: total, credit: { customerId, amount: euros(700) } };
  const card = paymentWith({ authorized: 1_299 });

  it('given a card for the rest, both are taken in one commit', () => {
    expect(mustCapture({ card, credit }, part)).toBe(true);
    expect(cardPartOf(part)).toEqual(euros(1_299));
    const outcome = capture({ card, credit }, part, published('captured', 1_299), now);
    expect(outcome.payment).toMatchObject({ status: 'captured', captured: 1_299 });
    expect(outcome.creditPayment).toMatchObject({ status: 'captured', amount: 700 });
    expect(outcome.creditAccount).toMatchObject({ balance: 4_300, held: 0 });
    expect(moved(outcome.entries)).toEqual([
      'capture: provider_hold -> provider_balance 1299',
      'spend: credit_hold -> credit_spent 700',
    ]);
    expect(told(outcome)).toEqual([captured]);
  });

  it('given a card that is refused, the credit stays reserved until it is released', () => {
    const no = published('refused', 0, 'capture_declined');
    const outcome = capture({ card, credit }, part, no, now);
    expect(outcome).not.toHaveProperty('creditPayment');
    expect(outcome.entries).toBeUndefined();
    expect(told(outcome)).toEqual([refused('capture_declined')]);
  });

  it('given no card, the provider is not asked, and the reply is the same each time', () => {
    const whole = { orderId, amount: euros(700), credit: part.credit };
    const paid = { card: undefined, credit };
    expect(mustCapture(paid, whole)).toBe(false);
    const outcome = capture(paid, whole, undefined, now);
    expect(moved(outcome.entries)).toEqual(['spend: credit_hold -> credit_spent 700']);
    const reply = ['payment.payment-captured', { orderId, paymentId, amount: euros(700) }];
    expect(told(outcome)).toEqual([reply]);
    const { creditPayment: payment, creditAccount: account } = outcome;
    const again = capture({ card: undefined, credit: { payment, account } }, whole, undefined, now);
    expect(again).toEqual({ send: [expect.anything()] });
    expect(told(again)).toEqual([reply]);
  });

  it.each([
    ['released', creditPaymentWith({ status: 'released' }), 'the store credit is released'],
    ['not reserved', undefined, 'the store credit is not reserved'],
    ['of another amount', creditPaymentWith({ amount: 1 }), '1 of the store credit is reserved'],
  ])('given credit that is %s, it is refused without asking', (_, payment, detail) => {
    const paid = { card, credit: { ...credit, payment } };
    expect(mustCapture(paid, part)).toBe(false);
    expect(told(capture(paid, part, undefined, now))).toEqual([refused(detail)]);
  });
});
