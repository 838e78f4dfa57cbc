import { expect, it } from '@jest/globals';
import { parcelWeights } from './parcel-weights.ts';

const line = (sku: string, quantity: number) => ({ sku, quantity });
const lines = [line('MUG', 4), line('LAMP', 1)];
const parcels = [
  { warehouse: 'MAIN', lines: [line('MUG', 3)] },
  { warehouse: 'NORTH', lines: [line('MUG', 1), line('LAMP', 1)] },
];

it('weighs each parcel by the units in it', () => {
  const order = { lines, weightGrams: 3_200, unitWeights: [300, 2_000], parcels };
  expect(parcelWeights(order).parcels).toEqual([
    { warehouse: 'MAIN', weightGrams: 900 },
    { warehouse: 'NORTH', weightGrams: 2_300 },
  ]);
  expect(parcelWeights({ ...order, parcels: undefined })).toEqual({});
});

it('takes all units as equal in an order of an earlier release, and in one with one line', () => {
  const { parcels: weights } = parcelWeights({ lines, weightGrams: 3_201, parcels });
  expect(weights?.map(({ weightGrams }) => weightGrams)).toEqual([1_921, 1_281]);
});
