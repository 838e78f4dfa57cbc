import { describe, expect, it } from '@jest/globals';
import { addUp, average } from './summary.ts';

describe('an average', () => {
  it.each([
    [0, 0, null],
    [10, 4, 3],
    [9, 4, 2],
    [9_007_199_254_740_991, 2, 4_503_599_627_370_496],
    [1_999, 1, 1_999],
  ])('of %p over %p is %p', (sum, count, expected) => {
    expect(average(sum, count)).toBe(expected);
  });
});

describe('a sum', () => {
  it('adds what is named, and is zero over nothing', () => {
    expect(addUp(['a', 'b'], [])).toEqual({ a: 0, b: 0 });
    expect(
      addUp(
        ['a', 'b'],
        [
          { a: 1, b: 2 },
          { a: 3, b: 4 },
        ],
      ),
    ).toEqual({ a: 4, b: 6 });
  });
});
