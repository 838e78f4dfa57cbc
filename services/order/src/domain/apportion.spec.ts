import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { apportion } from './apportion.ts';

describe('a divided amount', () => {
  it.each([
    [100, [1, 1, 1], [34, 33, 33]],
    [2, [1, 1, 1], [1, 1, 0]],
    [10, [1, 2, 7], [1, 2, 7]],
    [5, [3, 3, 4], [2, 1, 2]],
    [0, [5, 5], [0, 0]],
    [7, [0, 7], [0, 7]],
    [1_000_000_000_000, [999_000_000_000, 999_000_000_000], [500_000_000_000, 500_000_000_000]],
  ])('%i in proportion to %j is %j', (amount, weights, parts) => {
    expect(apportion(amount, weights)).toEqual(parts);
  });

  it('loses nothing, and no part is larger than its weight when the amount is not larger than all', () => {
    const weights = fc.array(fc.integer({ min: 1, max: 1_000_000_000_000 }), {
      minLength: 1,
      maxLength: 100,
    });
    fc.assert(
      fc.property(weights, fc.double({ min: 0, max: 1, noNaN: true }), (all, share) => {
        const whole = all.reduce((sum, each) => sum + each, 0);
        const amount = Math.floor(whole * share);
        const parts = apportion(amount, all);
        expect(parts.reduce((sum, each) => sum + each, 0)).toBe(amount);
        expect(parts.every((part, i) => part >= 0 && part <= (all[i] ?? 0))).toBe(true);
      }),
    );
  });
});
