import { describe, expect, it } from '@jest/globals';
import {
  moved,
  now,
  orderId,
  paymentId,
  paymentWith,
  published,
  told,
  total,
} from '../testing/payments.fixture.ts';
import { capture, mustCapture } from './capture.ts';
import type { PaymentStatus } from './payment.ts';

const command = { orderId, amount: total };
const captured = ['payment.payment-captured', { orderId, paymentId, amount: total }];
const refused = (detail: string) => ['payment.capture-refused', { orderId, detail }];

describe('capture', () => {
  it('given an authorized payment, when the provider takes the money, then it is ours', () => {
    expect(mustCapture(paymentWith(), command)).toBe(true);
    const outcome = capture(paymentWith(), command, published('captured', 1999), now);
    expect(outcome.payment).toMatchObject({ status: 'captured', captured: 1999 });
    expect(moved(outcome.entries)).toEqual(['capture: provider_hold -> provider_balance 1999']);
    expect(told(outcome)).toEqual([captured]);
  });

  it('given an amount below the authorized one, the rest goes back', () => {
    const part = { orderId, amount: { amount: 1500, currency: 'EUR' } };
    const outcome = capture(paymentWith(), part, published('captured', 1500), now);
    expect(moved(outcome.entries)).toEqual([
      'capture: provider_hold -> provider_balance 1500',
      'release: provider_hold -> customer 499',
    ]);
  });

  it('given a refusal, nothing is posted and the amount stays held until it is voided', () => {
    const outcome = capture(
      paymentWith(),
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
    expect(mustCapture(payment, command)).toBe(false);
    expect(told(capture(payment, command, undefined, now))).toEqual([captured]);
  });

  it('given a refused capture, it says the same again', () => {
    const payment = paymentWith({ status: 'capture_refused', detail: 'capture_declined' });
    expect(told(capture(payment, command, undefined, now))).toEqual([refused('capture_declined')]);
  });

  it.each<PaymentStatus>(['declined', 'void_pending', 'voided', 'undone'])(
    'given a payment that is %s, it is refused without asking',
    (status) => {
      expect(mustCapture(paymentWith({ status }), command)).toBe(false);
      expect(told(capture(paymentWith({ status }), command, undefined, now))).toEqual([
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
    expect(mustCapture(payment, { orderId, amount })).toBe(false);
    expect(told(capture(payment, { orderId, amount }, undefined, now))).toEqual([refused(detail)]);
  });

  it('given a decision without the answer that it needs, it is tried again', () => {
    expect(() => capture(paymentWith(), command, undefined, now)).toThrow(
      expect.objectContaining({ code: 'stale_ask', retriable: true }),
    );
  });
});
