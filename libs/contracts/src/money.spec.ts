import { describe, expect, it } from '@jest/globals';
import { maxAmount, money, sumOf } from './money.ts';

describe('money', () => {
  it('is whole minor units of one currency', () => {
    expect(money.safeParse({ amount: 1999, currency: 'EUR' }).success).toBe(true);
    for (const wrong of [19.99, Number.NaN, maxAmount + 1, '1999'])
      expect(money.safeParse({ amount: wrong, currency: 'EUR' }).success).toBe(false);
    expect(money.safeParse({ amount: 1, currency: 'eur' }).success).toBe(false);
  });

  it('adds up in one currency only', () => {
    const [a, b] = [
      { amount: 1, currency: 'EUR' },
      { amount: 2, currency: 'USD' },
    ] as const;
    expect(sumOf([a, a], 'EUR')).toEqual({ amount: 2, currency: 'EUR' });
    expect(sumOf([], 'EUR')).toEqual({ amount: 0, currency: 'EUR' });
    expect(() => sumOf([a, b], 'EUR')).toThrow(RangeError);
  });
});
