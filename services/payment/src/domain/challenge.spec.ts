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
import { authorize } from './authorize.ts';
import { settleChallenge } from './challenge.ts';
import { voidPayment } from './void.ts';

const command = { orderId, amount: total, method: 'card', token: 'tok_3ds' } as const;
const url = 'https://provider.example/challenges/ch_1';
const until = now.actionUntil;
const asked = { ...published('requires_action'), actionUrl: url } as const;
const challenged = paymentWith({
  status: 'requires_action',
  authorized: 0,
  challenge: { url, until, amount: 1999 },
});
const actionRequired = (actionUrl = url) => [
  'payment.payment-action-required',
  { orderId, paymentId, actionUrl, until },
];
const declined = (reason: string, detail: string) => [
  'payment.payment-declined',
  { orderId, reason, detail },
];
const late = { ...now, at: until };

describe('authorize', () => {
  it('given nothing, when the customer must confirm, then nothing is held and the order waits', () => {
    const outcome = authorize(undefined, command, asked, now);
    expect(outcome.payment).toEqual({ ...challenged, createdAt: now.at, updatedAt: now.at });
    expect(outcome.entries ?? []).toEqual([]);
    expect(told(outcome)).toEqual([actionRequired()]);
  });

  it('given a payment that waits for its customer, it says so again', () => {
    expect(told(authorize(challenged, command, undefined, now))).toEqual([actionRequired()]);
  });
});

describe('settleChallenge', () => {
  it('given that the customer has approved, even at the last moment, the amount is held', () => {
    for (const moment of [now, late]) {
      const outcome = settleChallenge(challenged, published('authorized', 1999), moment);
      expect(outcome.payment).toMatchObject({
        status: 'authorized',
        authorized: 1999,
        challenge: null,
      });
      expect(moved(outcome.entries)).toEqual(['authorize: customer -> provider_hold 1999']);
      expect(told(outcome)).toEqual([
        ['payment.payment-authorized', { orderId, paymentId, amount: total }],
      ]);
    }
  });

  it('given that the customer has declined, the payment is', () => {
    const refused = published('declined', 0, 'authentication_failed');
    const outcome = settleChallenge(challenged, refused, now);
    expect(outcome.payment).toMatchObject({ status: 'declined', challenge: null });
    expect(outcome.entries).toBeUndefined();
    expect(told(outcome)).toEqual([declined('payment_declined', 'authentication_failed')]);
  });

  it('given no decision, it waits until the time is up and gives up then', () => {
    for (const answer of [asked, undefined]) {
      expect(settleChallenge(challenged, answer, now)).toEqual({ send: [] });
    }
    const outcome = settleChallenge(challenged, asked, late);
    expect(outcome.payment).toMatchObject({
      status: 'void_pending',
      challenge: null,
      unsettledSince: until,
    });
    expect(told(outcome)).toEqual([
      declined('payment_declined', 'the customer did not confirm the payment in time'),
      ['payment.settle-void', { orderId }],
    ]);
  });

  it('given a provider that does not answer when the time is up, it gives up too', () => {
    const outcome = settleChallenge(challenged, undefined, late);
    expect(outcome.payment).toMatchObject({
      status: 'void_pending',
      declineReason: 'payment_unavailable',
    });
  });

  it('given that the page has moved, the order is told the new address', () => {
    const actionUrl = 'https://provider.example/moved';
    const outcome = settleChallenge(challenged, { ...asked, actionUrl }, now);
    expect(outcome.payment?.challenge).toEqual({ url: actionUrl, until, amount: 1999 });
    expect(told(outcome)).toEqual([actionRequired(actionUrl)]);
  });

  it('given that the provider has voided it, or a payment that does not wait, nothing is held', () => {
    const voided = settleChallenge(challenged, published('voided'), now);
    expect(voided.payment).toMatchObject({ status: 'undone', challenge: null });
    for (const payment of [undefined, paymentWith(), paymentWith({ status: 'voided' })]) {
      expect(settleChallenge(payment, published('authorized', 1999), now)).toEqual({ send: [] });
    }
  });
});

describe('voidPayment', () => {
  it('given a payment that waits for its customer, it is undone', () => {
    const outcome = voidPayment(challenged, orderId, published('voided'), now);
    expect(outcome.payment).toMatchObject({ status: 'undone', challenge: null });
    expect(outcome.entries).toEqual([]);
  });

  it('given that the customer approved before the void, the amount is posted and goes back', () => {
    const outcome = voidPayment(challenged, orderId, published('voided', 1999), now);
    expect(outcome.payment).toMatchObject({ status: 'voided', challenge: null, authorized: 1999 });
    expect(moved(outcome.entries)).toEqual([
      'authorize: customer -> provider_hold 1999',
      'void: provider_hold -> customer 1999',
    ]);
  });
});
