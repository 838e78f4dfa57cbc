import type { ShippingMethod } from '@waybill/contracts';
import type { Zone } from './countries.ts';

/** Upper limits in grams; a heavier parcel pays the last band for every started multiple of it. */
const bands = [1_000, 5_000, 10_000, 31_500] as const;

const prices: Readonly<Record<ShippingMethod, Readonly<Record<Zone, readonly number[]>>>> = {
  standard: {
    domestic: [490, 690, 990, 1_690],
    europe: [990, 1_490, 2_190, 3_490],
    world: [1_990, 3_490, 5_490, 9_990],
  },
  express: {
    domestic: [990, 1_390, 1_990, 2_990],
    europe: [1_990, 2_990, 4_490, 6_990],
    world: [3_990, 6_990, 10_990, 18_990],
  },
};

/** The heaviest parcel that a carrier of this shop takes, in grams, for every destination. */
export const heaviestParcel: Readonly<Record<ShippingMethod, number>> = {
  standard: 1_000_000,
  express: 31_500,
};

/** The customer's price of shipping, in minor units. */
export function shippingCost(method: ShippingMethod, zone: Zone, weightGrams: number): number {
  const row = prices[method][zone];
  const band = bands.findIndex((limit) => weightGrams <= limit);
  if (band >= 0) return row[band] as number;
  const heaviest = bands.length - 1;
  return (row[heaviest] as number) * Math.ceil(weightGrams / (bands[heaviest] as number));
}
