import { describe, expect, it } from '@jest/globals';
import { accountWith, customerId, moved, now } from '../testing/payments.fixture.ts';
import { type CreditChange, changeCredit } from './credit-account.ts';

const change = (kind: CreditChange['kind'], amount: number, currency = 'EUR'): CreditChange => ({
  customerId,
  kind,
  amount: { amount, currency },
});
const of = { id: 'change-1', at: now.at };

describe('store credit', () => {
  it('given none, when an operator deposits, then the account begins', () => {
    const { account, entries } = changeCredit(undefined, change('deposit', 700), of);
    expect(account).toMatchObject({ customerId, currency: 'EUR', balance: 700, held: 0 });
    expect(moved(entries)).toEqual(['deposit: credit_source -> credit 700']);
    expect(entries).toMatchObject([
      { orderId: null, customerId, operationId: 'deposit/change-1' },
      { orderId: null, customerId },
    ]);
  });

  it('given some, when what is available is withdrawn, then only what orders reserved is left', () => {
    const found = accountWith({ held: 1_200 });
    const { account, entries } = changeCredit(found, change('withdrawal', 3_800), of);
    expect(account).toMatchObject({ balance: 1_200, held: 1_200 });
    expect(moved(entries)).toEqual(['withdrawal: credit -> credit_source 3800']);
  });

  it.each([
    ['more than there is', accountWith(), change('withdrawal', 5_001), 'insufficient_credit'],
    [
      'what an order reserved',
      accountWith({ held: 1 }),
      change('withdrawal', 5_000),
      'insufficient_credit',
    ],
    ['from no account', undefined, change('withdrawal', 1), 'insufficient_credit'],
    ['another currency', accountWith(), change('deposit', 1, 'USD'), 'wrong_currency'],
    ['too much', accountWith(), change('deposit', 1_000_000_000_000), 'balance_too_large'],
  ])('given a change of %s, it is refused', (_, found, wanted, code) => {
    expect(() => changeCredit(found, wanted, of)).toThrow(expect.objectContaining({ code }));
  });
});
