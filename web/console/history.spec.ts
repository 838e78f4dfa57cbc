import { describe, expect, it } from '@jest/globals';
import { Growth, History } from './history.ts';

describe('the growth of a total', () => {
  it('is per second, and not known at first', () => {
    const growth = new Growth();
    expect(growth.of(10, 0)).toBeNull();
    expect(growth.of(15, 2_000)).toBe(2.5);
    expect(growth.of(15, 3_000)).toBe(0);
  });

  it('begins again with a total that does', () => {
    const growth = new Growth();
    growth.of(10, 0);
    expect(growth.of(3, 1_000)).toBeNull();
    expect(growth.of(4, 2_000)).toBe(1);
  });
});

it('a history keeps the latest samples', () => {
  const history = new History(['depth'], 2);
  for (const depth of [1, 2, 3]) history.add({ depth }, depth * 1_000);
  expect(history.samples.value).toEqual({ times: [2, 3], values: { depth: [2, 3] } });
});
