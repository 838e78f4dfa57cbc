/** How fast a parcel travels. */
export const methods = ['standard', 'express'] as const;
export type Method = (typeof methods)[number];

type Zone = 'domestic' | 'europe' | 'world';

interface Price {
  /** Minor units for the label. */
  readonly base: number;
  /** Minor units for each kilogram begun. */
  readonly perKilogram: number;
  readonly days: number;
}

/** A carrier as its price list describes it. */
export interface CarrierProfile {
  readonly name: string;
  readonly title: string;
  /** Two letters before every tracking number. */
  readonly prefix: string;
  readonly maxGrams: number;
  /** Countries it does not deliver to, whatever their zone. */
  readonly notTo: readonly string[];
  readonly prices: Readonly<Partial<Record<Method, Partial<Record<Zone, Price>>>>>;
}

const home = 'DE';
const europe = new Set(
  'AD AL AT BA BE BG CH CY CZ DE DK EE ES FI FR GB GR HR HU IE IS IT LI LT LU LV MC ME MK MT NL NO PL PT RO RS SE SI SK SM VA XK'.split(
    ' ',
  ),
);
const zoneOf = (country: string): Zone =>
  country === home ? 'domestic' : europe.has(country) ? 'europe' : 'world';

/** The three carriers of the sandbox: a post for everywhere, a quick one for small parcels, and one for heavy freight. */
export const profiles: readonly CarrierProfile[] = [
  {
    name: 'heron',
    title: 'Heron Post',
    prefix: 'HP',
    maxGrams: 31_500,
    notTo: [],
    prices: {
      standard: {
        domestic: { base: 420, perKilogram: 35, days: 2 },
        europe: { base: 890, perKilogram: 110, days: 5 },
        world: { base: 1690, perKilogram: 480, days: 12 },
      },
      express: {
        domestic: { base: 1390, perKilogram: 90, days: 1 },
        europe: { base: 2890, perKilogram: 260, days: 2 },
        world: { base: 5490, perKilogram: 990, days: 4 },
      },
    },
  },
  {
    name: 'swiftlet',
    title: 'Swiftlet Express',
    prefix: 'SW',
    maxGrams: 20_000,
    notTo: ['CH', 'NO', 'IS'],
    prices: {
      standard: {
        domestic: { base: 390, perKilogram: 70, days: 1 },
        europe: { base: 940, perKilogram: 95, days: 3 },
      },
      express: {
        domestic: { base: 990, perKilogram: 110, days: 1 },
        europe: { base: 2190, perKilogram: 290, days: 1 },
      },
    },
  },
  {
    name: 'oxcart',
    title: 'Oxcart Freight',
    prefix: 'OX',
    maxGrams: 1_000_000,
    notTo: [],
    prices: {
      standard: {
        domestic: { base: 1450, perKilogram: 12, days: 4 },
        europe: { base: 2600, perKilogram: 38, days: 8 },
        world: { base: 6900, perKilogram: 180, days: 30 },
      },
    },
  },
];

/** What a parcel costs, or why the carrier does not take it. */
export type Offer =
  | { readonly served: true; readonly amount: number; readonly days: number }
  | { readonly served: false; readonly reason: string };

/** Reads the price list of one carrier. */
export function offerOf(
  carrier: CarrierProfile,
  parcel: { readonly country: string; readonly weightGrams: number; readonly method: Method },
): Offer {
  const price = carrier.prices[parcel.method]?.[zoneOf(parcel.country)];
  if (parcel.weightGrams > carrier.maxGrams) {
    return { served: false, reason: `${carrier.title} carries at most ${carrier.maxGrams} g` };
  }
  if (!price || carrier.notTo.includes(parcel.country)) {
    return {
      served: false,
      reason: `${carrier.title} does not deliver to ${parcel.country} by ${parcel.method}`,
    };
  }
  const kilograms = Math.max(1, Math.ceil(parcel.weightGrams / 1_000));
  return { served: true, amount: price.base + kilograms * price.perKilogram, days: price.days };
}
