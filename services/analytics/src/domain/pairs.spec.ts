import { expect, it } from '@jest/globals';
import { countPairs, pairsOf, pairsWith } from './pairs.ts';

it('a basket pairs each product with each other one, both ways, and a long one few of them', () => {
  expect(pairsOf(['A', 'B', 'A'])).toEqual([
    ['A', 'B'],
    ['B', 'A'],
  ]);
  expect(pairsOf(['A'])).toEqual([]);
  const long = Array.from({ length: 100 }, (_, n) => `SKU-${n}`);
  expect(pairsOf(long)).toHaveLength(20 * 19);
});

it('a session pairs a product with what it has seen before, once', () => {
  expect(pairsWith('B', ['A'])).toEqual([
    ['B', 'A'],
    ['A', 'B'],
  ]);
  expect(pairsWith('A', ['A', 'B'])).toEqual([]);
  const long = Array.from({ length: 100 }, (_, n) => `SKU-${n}`);
  expect(pairsWith('NEW', long)).toHaveLength(2 * 20);
});

it('equal pairs are counted, in an order that does not depend on their own', () => {
  const pairs = [
    ['B', 'A'],
    ['A', 'B'],
    ['B', 'A'],
  ] as const;
  const counted = [
    { sku: 'A', other: 'B', times: 1 },
    { sku: 'B', other: 'A', times: 2 },
  ];
  expect(countPairs(pairs)).toEqual(counted);
  expect(countPairs(pairs.toReversed())).toEqual(counted);
});
