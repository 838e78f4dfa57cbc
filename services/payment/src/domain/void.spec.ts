import { describe, expect, it } from '@jest/globals';
import { moved, now, orderId, paymentWith, published, told } from '../testing/payments.fixture.ts';
import type { Payment, PaymentStatus } from './payment.ts';
import { mayVoid, settleVoid, voidFlag, voidPayment } from './void.ts';

const reply = (state: string) => ['payment.payment-voided', { orderId, state }];
const settle = ['payment.settle-void', { orderId }];
const pending = (more: Partial<Payment> = {}) =>
  paymentWith({
    status: 'void_pending',
    unsettledSince: now.at,
    declineReason: 'undone',
    authorized: 0,
    chargeId: null,
    ...more,
  });

describe('voidPayment', () => {
  it('given nothing, it is remembered and answered at once, and settled alone', () => {
    const outcome = voidPayment(undefined, orderId, undefined, now);
    expect(mayVoid(undefined)).toBe(false);
    expect(outcome.payment).toMatchObject({ status: 'void_pending', unsettledSince: now.at });
    expect(told(outcome)).toEqual([reply('void_pending'), settle]);
  });

  it.each<PaymentStatus>(['authorized', 'capture_refused'])(
    'given a payment that is %s and an answer, the amount goes back',
    (status) => {
      const outcome = voidPayment(paymentWith({ status }), orderId, published('voided', 1999), now);
      expect(outcome.payment).toMatchObject({ status: 'voided', unsettledSince: null });
      expect(moved(outcome.entries)).toEqual(['void: provider_hold -> customer 1999']);
      expect(told(outcome)).toEqual([reply('voided')]);
    },
  );

  it('given an authorized payment and no answer, it is pending and nothing is posted', () => {
    const outcome = voidPayment(paymentWith(), orderId, undefined, now);
    expect(outcome.payment).toMatchObject({ status: 'void_pending', authorized: 1999 });
    expect(outcome.entries ?? []).toEqual([]);
    expect(told(outcome)).toEqual([reply('void_pending'), settle]);
  });

  it.each<[PaymentStatus, string]>([
    ['declined', 'never_authorized'],
    ['undone', 'never_authorized'],
    ['voided', 'voided'],
    ['void_pending', 'void_pending'],
  ])('given a payment that is %s, it says %s and changes nothing', (status, state) => {
    const outcome = voidPayment(paymentWith({ status }), orderId, undefined, now);
    expect(outcome.payment).toBeUndefined();
    expect(told(outcome)).toEqual([reply(state)]);
  });

  it('given a captured payment, it refuses for good', () => {
    expect(() => voidPayment(paymentWith({ status: 'captured' }), orderId, undefined, now)).toThrow(
      expect.objectContaining({ code: 'payment_captured', retriable: false }),
    );
  });
});

describe('settleVoid', () => {
  it('given an authorization whose answer was lost, both sides are posted at once', () => {
    const outcome = settleVoid(pending(), orderId, published('voided', 1999), now);
    expect(outcome.payment).toMatchObject({
      status: 'voided',
      authorized: 1999,
      chargeId: 'ch_1',
      unsettledSince: null,
    });
    expect(moved(outcome.entries)).toEqual([
      'authorize: customer -> provider_hold 1999',
      'void: provider_hold -> customer 1999',
    ]);
    expect(outcome.send).toEqual([]);
  });

  it('given an authorization that was posted, only the void is', () => {
    const outcome = settleVoid(
      pending({ authorized: 1999 }),
      orderId,
      published('voided', 1999),
      now,
    );
    expect(moved(outcome.entries)).toEqual(['void: provider_hold -> customer 1999']);
  });

  it.each(['voided', 'declined'] as const)(
    'given that nothing was ever authorized (%s), the payment is undone and nothing is posted',
    (status) => {
      const outcome = settleVoid(pending({ currency: null }), orderId, published(status), now);
      expect(outcome.payment).toMatchObject({ status: 'undone', unsettledSince: null });
      expect(outcome.entries).toEqual([]);
    },
  );

  it('given that the provider has taken money unasked, it stays unsettled and a person is told', () => {
    const outcome = settleVoid(pending(), orderId, published('captured'), now);
    expect(outcome.payment).toMatchObject({ status: 'void_pending' });
    expect(outcome.flag).toMatchObject({ id: voidFlag(orderId), flag: 'unknown_charge' });
    expect(told(outcome)).toMatchObject([['payment.payment-flagged', { flag: 'unknown_charge' }]]);
    const again = settleVoid(pending(), orderId, published('captured'), now, outcome.flag);
    expect(again.flag).toBeUndefined();
    expect(again.send).toEqual([]);
  });

  it('given a void that became pending after the provider was to be asked, it is tried again', () => {
    expect(() => settleVoid(pending(), orderId, undefined, now)).toThrow(
      expect.objectContaining({ code: 'stale_ask', retriable: true }),
    );
  });

  it('given a payment that is settled or gone, it does nothing', () => {
    expect(settleVoid(undefined, orderId, undefined, now)).toEqual({ send: [] });
    expect(settleVoid(paymentWith({ status: 'voided' }), orderId, undefined, now)).toEqual({
      send: [],
    });
  });
});
