/** The speed of a shipment. */
export const methods = ['standard', 'express'] as const;
export type Method = (typeof methods)[number];

type Zone = 'domestic' | 'union' | 'europe' | 'world';

interface Price {
  /** Minor units per label. */
  readonly base: number;
  /** Minor units per started kilogram. */
  readonly perKilogram: number;
  readonly days: number;
}

/** A carrier with its price list. */
export interface CarrierProfile {
  readonly name: string;
  readonly title: string;
  /** The two letters at the start of every tracking number. */
  readonly prefix: string;
  readonly maxGrams: number;
  readonly prices: Readonly<Partial<Record<Method, Partial<Record<Zone, Price>>>>>;
}

const home = 'DE';
/** Countries that need no customs papers. */
const union = new Set(
  'AT BE BG CY CZ DK EE ES FI FR GR HR HU IE IT LT LU LV MC MT NL PL PT RO SE SI SK'.split(' '),
);
const europe = new Set('AD AL BA CH FO GB GI IS LI MD ME MK NO RS SM UA VA XK'.split(' '));

function zoneOf(country: string): Zone {
  if (country === home) return 'domestic';
  if (union.has(country)) return 'union';
  return europe.has(country) ? 'europe' : 'world';
}

/** The three carriers of the sandbox: a post for everywhere, an express carrier for small parcels, and one for heavy freight. */
export const profiles: readonly CarrierProfile[] = [
  {
    name: 'heron',
    title: 'Heron Post',
    prefix: 'HP',
    maxGrams: 31_500,
    prices: {
      standard: {
        domestic: { base: 420, perKilogram: 35, days: 2 },
        union: { base: 890, perKilogram: 110, days: 5 },
        europe: { base: 1290, perKilogram: 160, days: 7 },
        world: { base: 1690, perKilogram: 480, days: 12 },
      },
      express: {
        domestic: { base: 1390, perKilogram: 90, days: 1 },
        union: { base: 2890, perKilogram: 260, days: 2 },
        europe: { base: 3290, perKilogram: 340, days: 3 },
        world: { base: 5490, perKilogram: 990, days: 4 },
      },
    },
  },
  {
    name: 'swiftlet',
    title: 'Swiftlet Express',
    prefix: 'SW',
    maxGrams: 20_000,
    prices: {
      standard: {
        domestic: { base: 390, perKilogram: 70, days: 1 },
        union: { base: 940, perKilogram: 95, days: 3 },
      },
      express: {
        domestic: { base: 990, perKilogram: 110, days: 1 },
        union: { base: 2190, perKilogram: 290, days: 1 },
      },
    },
  },
  {
    name: 'oxcart',
    title: 'Oxcart Freight',
    prefix: 'OX',
    maxGrams: 1_000_000,
    prices: {
      standard: {
        domestic: { base: 1450, perKilogram: 12, days: 4 },
        union: { base: 2600, perKilogram: 38, days: 8 },
        europe: { base: 3400, perKilogram: 60, days: 12 },
        world: { base: 6900, perKilogram: 180, days: 30 },
      },
    },
  },
];

/** The price of a parcel, or why the carrier does not take it. */
export type Offer =
  | { readonly served: true; readonly amount: number; readonly days: number }
  | { readonly served: false; readonly reason: string };

/** The offer of one carrier, from its price list. */
export function offerOf(
  carrier: CarrierProfile,
  parcel: { readonly country: string; readonly weightGrams: number; readonly method: Method },
): Offer {
  const price = carrier.prices[parcel.method]?.[zoneOf(parcel.country)];
  if (parcel.weightGrams > carrier.maxGrams) {
    return { served: false, reason: `${carrier.title} carries at most ${carrier.maxGrams} g` };
  }
  if (!price) {
    return {
      served: false,
      reason: `${carrier.title} does not deliver to ${parcel.country} by ${parcel.method}`,
    };
  }
  const kilograms = Math.max(1, Math.ceil(parcel.weightGrams / 1_000));
  return { served: true, amount: price.base + kilograms * price.perKilogram, days: price.days };
}
