import { describe, expect, it } from '@jest/globals';
import { givenInstant } from './fields.ts';

describe('a moment that a caller names', () => {
  it.each(['1970-01-01T00:00:00Z', '2026-01-01T00:00:00.123456789Z', '9999-12-31T23:59:59Z'])(
    'may be %s',
    (at) => {
      expect(givenInstant.parse(at)).toBe(at);
    },
  );

  it.each([
    ['1969-12-31T23:59:59Z', 'is before 1970'],
    ['0000-01-01T00:00:00Z', 'is before 1970'],
    ['2026-01-01T00:00:00.1234567890Z', 'has more than nine decimals'],
    ['1700000000', 'Invalid ISO datetime'],
    ['2026-01-01', 'Invalid ISO datetime'],
  ])('is not %s, for one reason: it %s', (at, reason) => {
    const messages = givenInstant.safeParse(at).error?.issues.map(({ message }) => message);
    expect(messages).toEqual([reason]);
  });
});
