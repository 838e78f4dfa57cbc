import type { TaxClass } from '@waybill/contracts';

/** The distance of a delivery; the tariff has a price for each. */
export type Zone = 'domestic' | 'europe' | 'world';

/** The rate of each tax class, in hundredths of a percent. */
export type TaxRates = Readonly<Record<TaxClass, number>>;

export interface Destination {
  readonly zone: Zone;
  readonly rates: TaxRates;
}

/**
 * The standard and the reduced rate of VAT (elsewhere GST or sales tax) in 2026, in hundredths of a percent. Of several reduced
 * rates it is the highest, so that nobody pays too little; a country without one has the standard rate for both. Sources: for
 * the EU the Commission's Taxes in Europe Database (https://ec.europa.eu/taxation_customs/tedb), else the tax authority of the
 * country.
 */
const ratesOf: Readonly<Record<Zone, Readonly<Record<string, readonly [number, number?]>>>> = {
  domestic: { DE: [1900, 700] },
  europe: {
    AT: [2000, 1300],
    BE: [2100, 1200],
    BG: [2000, 900],
    CH: [810, 260],
    CY: [1900, 900],
    CZ: [2100, 1200],
    DK: [2500],
    EE: [2400, 1300],
    ES: [2100, 1000],
    FI: [2550, 1350],
    FR: [2000, 1000],
    GB: [2000, 500],
    GR: [2400, 1300],
    HR: [2500, 1300],
    HU: [2700, 1800],
    IE: [2300, 1350],
    IS: [2400, 1100],
    IT: [2200, 1000],
    LI: [810, 260],
    LT: [2100, 1200],
    LU: [1700, 800],
    LV: [2100, 1200],
    MT: [1800, 1200],
    NL: [2100, 900],
    NO: [2500, 1500],
    PL: [2300, 800],
    PT: [2300, 1300],
    RO: [2100, 1100],
    SE: [2500, 1200],
    SI: [2200, 950],
    SK: [2300, 1900],
  },
  world: {
    AE: [500],
    AU: [1000],
    BR: [1700],
    CA: [500],
    IL: [1800],
    IN: [1800, 500],
    JP: [1000, 800],
    KR: [1000],
    MX: [1600],
    NZ: [1500],
    SG: [900],
    TR: [2000, 1000],
    US: [0],
    ZA: [1500],
  },
};

const destinations = new Map<string, Destination>(
  Object.entries(ratesOf).flatMap(([zone, countries]) =>
    Object.entries(countries).map(([country, [standard, reduced = standard]]) => [
      country,
      { zone: zone as Zone, rates: { standard, reduced, zero: 0 } },
    ]),
  ),
);

/** The zone and the tax rates of a country; undefined if the shop does not deliver there. */
export const destinationOf = (country: string): Destination | undefined =>
  destinations.get(country);

const outsideTheUnion = new Set(['CH', 'GB', 'IS', 'LI', 'NO']);

/** Whether a country is a member state of the European Union. */
export const isInTheUnion = (country: string): boolean => {
  const zone = destinations.get(country)?.zone;
  return zone !== undefined && zone !== 'world' && !outsideTheUnion.has(country);
};
