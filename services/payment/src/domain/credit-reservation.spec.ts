import { describe, expect, it } from '@jest/globals';
import {
  accountWith,
  creditPaymentWith,
  customerId,
  moved,
  now,
  orderId,
  paymentId,
  told,
} from '../testing/payments.fixture.ts';
import { releaseCredit, reserveCredit } from './credit-reservation.ts';

const amount = { amount: 700, currency: 'EUR' };
const command = { orderId, customerId, amount };
const undo = { orderId, customerId };
const reserved = ['payment.credit-reserved', { orderId, paymentId, amount }];
const released = ['payment.credit-released', { orderId }];
const declined = (reason: string, detail: string) => [
  'payment.credit-declined',
  { orderId, reason, detail },
];
const fresh = { payment: undefined, account: accountWith() };

describe('reserve credit', () => {
  it('given enough credit, it is held for the order', () => {
    const outcome = reserveCredit(fresh, command, now);
    expect(outcome.creditPayment).toMatchObject({ status: 'reserved', amount: 700 });
    expect(outcome.creditAccount).toMatchObject({ balance: 5_000, held: 700 });
    expect(moved(outcome.entries)).toEqual(['reserve: credit -> credit_hold 700']);
    expect(told(outcome)).toEqual([reserved]);
  });

  it('given the same command again, it says the same and changes nothing', () => {
    const { creditPayment: payment, creditAccount: account } = reserveCredit(fresh, command, now);
    const again = reserveCredit({ payment, account }, command, now);
    expect(again).toEqual({ send: [expect.anything()] });
    expect(told(again)).toEqual([reserved]);
  });

  it.each([
    ['too little', accountWith({ held: 4_301 }), amount, 'there is too little store credit'],
    ['no account', undefined, amount, 'there is too little store credit'],
    ['another currency', accountWith({ currency: 'USD' }), amount, 'the store credit is in USD'],
    [
      'nothing to pay',
      accountWith(),
      { amount: 0, currency: 'EUR' },
      'the amount must be more than 0',
    ],
  ])('given %s, it is declined, and stays so', (_, account, asked, detail) => {
    const other = { ...command, amount: asked };
    const { creditPayment, ...outcome } = reserveCredit(
      { payment: undefined, account },
      other,
      now,
    );
    expect(outcome.entries).toBeUndefined();
    expect(told(outcome)).toEqual([declined('payment_declined', detail)]);
    const again = reserveCredit({ payment: creditPayment, account: accountWith() }, other, now);
    expect(told(again)).toEqual(told(outcome));
    expect(told(releaseCredit({ payment: creditPayment, account }, undo, now))).toEqual([released]);
  });
});

describe('release credit', () => {
  const held = { payment: creditPaymentWith(), account: accountWith({ held: 700 }) };

  it('given a reservation, it is available again, once', () => {
    const outcome = releaseCredit(held, undo, now);
    expect(outcome.creditAccount).toMatchObject({ balance: 5_000, held: 0 });
    expect(moved(outcome.entries)).toEqual(['unreserve: credit_hold -> credit 700']);
    expect(told(outcome)).toEqual([released]);
    const { creditPayment: payment, creditAccount: account } = outcome;
    const again = releaseCredit({ payment, account }, undo, now);
    expect(again).toEqual({ send: [expect.anything()] });
    expect(told(reserveCredit({ payment, account }, command, now))).toEqual([
      declined('undone', ''),
    ]);
  });

  it('given no reservation yet, the one that comes later is declined', () => {
    const outcome = releaseCredit(fresh, undo, now);
    expect(told(outcome)).toEqual([released]);
    const late = { payment: outcome.creditPayment, account: accountWith() };
    expect(told(reserveCredit(late, command, now))).toEqual([declined('undone', '')]);
  });

  it('given that it is captured, it is refused', () => {
    const spent = { ...held, payment: creditPaymentWith({ status: 'captured' }) };
    expect(() => releaseCredit(spent, undo, now)).toThrow(
      expect.objectContaining({ code: 'credit_captured' }),
    );
  });
});
