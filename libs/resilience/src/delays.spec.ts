import { describe, expect, it } from '@jest/globals';
import { boundedDelays, retryDelay, unboundedCap } from './delays.ts';

const lowest = () => 0;
const middle = () => 0.5;
const highest = () => 1 - Number.EPSILON;

describe('retryDelay', () => {
  it('gives a bounded message five attempts, then gives up', () => {
    const delays = [1, 2, 3, 4, 5, 6].map((attempt) => retryDelay('bounded', attempt, middle));
    expect(delays).toEqual([100, 1_000, 10_000, 60_000, null, null]);
  });

  it('waits the shortest time when no attempt was counted', () => {
    expect(retryDelay('bounded', 0, middle)).toBe(100);
    expect(retryDelay('unbounded', 0, middle)).toBe(100);
  });

  it('spreads every wait by 20 % to both sides', () => {
    boundedDelays.forEach((delay, i) => {
      expect(retryDelay('bounded', i + 1, lowest)).toBe(delay * 0.8);
      expect(retryDelay('bounded', i + 1, highest)).toBe(delay * 1.2);
    });
  });

  it('never gives up on an unbounded message, and never waits longer than the cap', () => {
    for (let attempt = 1; attempt <= 2_000; attempt += 1) {
      const delay = retryDelay('unbounded', attempt, highest);
      expect(delay).toBeGreaterThanOrEqual(100);
      expect(delay).toBeLessThanOrEqual(unboundedCap);
    }
  });

  it('waits longer after each failure until the cap', () => {
    const delays = [1, 2, 3, 4, 5, 6, 7].map((attempt) => retryDelay('unbounded', attempt, middle));
    expect(delays).toEqual([100, 300, 900, 2_700, 8_100, 24_300, 25_000]);
  });
});
