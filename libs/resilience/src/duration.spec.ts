import { describe, expect, it } from '@jest/globals';
import { duration } from './duration.ts';

describe('duration', () => {
  it.each([
    ['250ms', 250],
    ['1.5s', 1_500],
    ['30s', 30_000],
    ['15m', 900_000],
    ['2h', 7_200_000],
    ['7d', 604_800_000],
    ['36500d', 3_153_600_000_000],
  ])('reads %s as %d ms', (text, expected) => {
    expect(duration(text)).toBe(expected);
  });

  it.each(['', '5', 's', '-1s', '1 s', '1e3s', '5sec', 'NaNms', '0m', '0.4ms'])(
    'refuses "%s"',
    (text) => {
      expect(() => duration(text)).toThrow(TypeError);
    },
  );

  it.each(['36501d', '99999999999h', `${'9'.repeat(400)}ms`])('refuses "%s", an age', (text) => {
    expect(() => duration(text)).toThrow('is more than a hundred years');
  });
});
