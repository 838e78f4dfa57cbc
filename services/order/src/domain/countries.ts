/** The distance of a delivery; the tariff has a price for each. */
export type Zone = 'domestic' | 'europe' | 'world';

export interface Destination {
  readonly zone: Zone;
  /** Tax on subtotal and shipping, in hundredths of a percent. */
  readonly taxBasisPoints: number;
}

const zoneOf: Readonly<Record<Zone, Readonly<Record<string, number>>>> = {
  domestic: { DE: 1900 },
  europe: {
    AT: 2000,
    BE: 2100,
    BG: 2000,
    CH: 810,
    CY: 1900,
    CZ: 2100,
    DK: 2500,
    EE: 2400,
    ES: 2100,
    FI: 2550,
    FR: 2000,
    GB: 2000,
    GR: 2400,
    HR: 2500,
    HU: 2700,
    IE: 2300,
    IS: 2400,
    IT: 2200,
    LI: 810,
    LT: 2100,
    LU: 1700,
    LV: 2100,
    MT: 1800,
    NL: 2100,
    NO: 2500,
    PL: 2300,
    PT: 2300,
    RO: 2100,
    SE: 2500,
    SI: 2200,
    SK: 2300,
  },
  world: {
    AE: 500,
    AU: 1000,
    BR: 1700,
    CA: 500,
    IL: 1800,
    IN: 1800,
    JP: 1000,
    KR: 1000,
    MX: 1600,
    NZ: 1500,
    SG: 900,
    TR: 2000,
    US: 0,
    ZA: 1500,
  },
};

const destinations = new Map<string, Destination>(
  Object.entries(zoneOf).flatMap(([zone, rates]) =>
    Object.entries(rates).map(([country, taxBasisPoints]) => [
      country,
      { zone: zone as Zone, taxBasisPoints },
    ]),
  ),
);

/** The zone and the tax of a country; undefined if the shop does not deliver there. */
export const destinationOf = (country: string): Destination | undefined =>
  destinations.get(country);
