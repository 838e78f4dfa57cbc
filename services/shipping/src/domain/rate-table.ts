import type { Money, ShippingMethod } from '@waybill/contracts';
import type { Zone } from './zone.ts';

/** A carrier's price for a parcel; null if it does not carry such parcels. */
export interface Rate {
  readonly cost: Money;
  readonly days: number;
}

/** One line of a price list. */
export interface RateKey {
  readonly carrier: string;
  readonly zone: Zone;
  readonly weightBand: number;
  readonly method: ShippingMethod;
}

/** An offer of a carrier that carries the parcel. */
export interface Offer extends Rate {
  readonly carrier: string;
  readonly method: ShippingMethod;
}

/** The recently quoted rates of carriers. A rate is valid for `freshMs`. */
export class RateTable {
  private readonly rates = new Map<
    string,
    { readonly rate: Rate | null; readonly until: number }
  >();

  constructor(private readonly freshMs: number) {}

  /** The rate, null if the carrier does not take such parcels, undefined if there is no recent rate. */
  find(key: RateKey, now: Date): Rate | null | undefined {
    const found = this.rates.get(nameOf(key));
    return found && found.until > now.getTime() ? found.rate : undefined;
  }

  put(key: RateKey, rate: Rate | null, now: Date): void {
    this.rates.set(nameOf(key), { rate, until: now.getTime() + this.freshMs });
  }
}

/** A name for the line, unique in the table. */
export const nameOf = ({ carrier, zone, weightBand, method }: RateKey): string =>
  `${carrier}/${zone}/${weightBand}/${method}`;

/** Cheapest first; equal offers by speed, then by name, so that the order is deterministic. */
export const cheapestFirst = (offers: readonly Offer[]): readonly Offer[] =>
  offers.toSorted(
    (a, b) =>
      a.cost.amount - b.cost.amount ||
      a.days - b.days ||
      (a.carrier < b.carrier ? -1 : a.carrier > b.carrier ? 1 : 0),
  );
