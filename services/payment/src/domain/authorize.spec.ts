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
import { authorize, giveUp, mustAuthorize } from './authorize.ts';
import type { PaymentStatus } from './payment.ts';

const command = { orderId, amount: total, method: 'card', token: 'tok_visa' } as const;
const authorized = ['payment.payment-authorized', { orderId, paymentId, amount: total }];
const declined = (reason: string, detail = '') => [
  'payment.payment-declined',
  { orderId, reason, detail },
];

describe('authorize', () => {
  it('given nothing, when the provider authorizes, then the amount is held and the order told', () => {
    const outcome = authorize(undefined, command, published('authorized', 1999), now);
    expect(outcome.payment).toMatchObject({
      status: 'authorized',
      authorized: 1999,
      chargeId: 'ch_1',
      createdAt: now.at,
    });
    expect(moved(outcome.entries)).toEqual(['authorize: customer -> provider_hold 1999']);
    expect(told(outcome)).toEqual([authorized]);
    expect(outcome.call).toMatchObject({
      kind: 'authorize',
      operationId: `${orderId}/authorize-payment`,
    });
  });

  it('given nothing, when the provider declines, then nothing is posted', () => {
    const outcome = authorize(undefined, command, published('declined', 0, 'card_declined'), now);
    expect(outcome.payment).toMatchObject({ status: 'declined', authorized: 0 });
    expect(outcome.entries ?? []).toEqual([]);
    expect(told(outcome)).toEqual([declined('payment_declined', 'card_declined')]);
  });

  it('given nothing, when the provider says that it was voided before, then the payment is undone', () => {
    const outcome = authorize(undefined, command, published('voided'), now);
    expect(outcome.payment?.status).toBe('undone');
    expect(told(outcome)).toEqual([declined('undone')]);
  });

  it.each([0, -5])('given nothing, an amount of %d is declined without asking', (amount) => {
    const free = { ...command, amount: { amount, currency: 'EUR' } };
    expect(mustAuthorize(undefined, free)).toBe(false);
    expect(told(authorize(undefined, free, undefined, now))).toEqual([
      declined('payment_declined', 'the amount must be more than 0'),
    ]);
  });

  it.each<PaymentStatus>(['authorized', 'captured', 'capture_refused'])(
    'given a payment that is %s, it says authorized again and changes nothing',
    (status) => {
      const payment = paymentWith({ status });
      expect(mustAuthorize(payment, command)).toBe(false);
      expect(authorize(payment, command, undefined, now).payment).toBeUndefined();
      expect(told(authorize(payment, command, undefined, now))).toEqual([authorized]);
    },
  );

  it.each<PaymentStatus>(['void_pending', 'voided', 'undone'])(
    'given a payment that is %s, it is refused without effect',
    (status) => {
      const payment = paymentWith({ status, declineReason: 'undone' });
      const outcome = authorize(payment, command, undefined, now);
      expect(outcome).toEqual({ send: [expect.anything()] });
      expect(told(outcome)).toEqual([declined('undone')]);
    },
  );

  it('given a decision without the answer that it needs, it is tried again', () => {
    expect(() => authorize(undefined, command, undefined, now)).toThrow(
      expect.objectContaining({ code: 'stale_ask', retriable: true }),
    );
  });
});

describe('giveUp', () => {
  it('given an unknown outcome, the order is told no, and the void goes on alone', () => {
    const outcome = giveUp(undefined, command, 'no answer', now);
    expect(outcome.payment).toMatchObject({
      status: 'void_pending',
      unsettledSince: now.at,
      authorized: 0,
    });
    expect(outcome.entries ?? []).toEqual([]);
    expect(told(outcome)).toEqual([
      declined('payment_unavailable', 'no answer'),
      ['payment.settle-void', { orderId }],
    ]);
  });

  it('given a payment that got its answer meanwhile, that answer stands', () => {
    expect(told(giveUp(paymentWith(), command, 'late', now))).toEqual([authorized]);
  });

  it('cuts a cause that is longer than a message may carry', () => {
    const outcome = giveUp(undefined, command, '\ud800'.repeat(400), now);
    expect(outcome.payment?.detail).toHaveLength(300);
  });
});
