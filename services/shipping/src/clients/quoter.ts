import type { Clock } from '@waybill/messaging';
import {
  cheapestFirst,
  nameOf,
  type Offer,
  type Rate,
  type RateKey,
  RateTable,
} from '../domain/rate-table.ts';
import { weightBandOf } from '../domain/weight-band.ts';
import { zoneOf } from '../domain/zone.ts';
import type { Carrier, Carriers, Parcel } from './carrier.ts';

/** The result of requesting quotes from all carriers. */
export interface Quotes {
  /** Cheapest first, without carriers that do not take the parcel. */
  readonly offers: readonly Offer[];
  /** Carriers that did not respond in time. */
  readonly missing: readonly string[];
}

/** A carrier with its pending quote. Never rejects. */
export interface AskedCarrier {
  readonly carrier: string;
  readonly rate: Promise<Rate | null | undefined>;
}

export interface QuoterOptions {
  readonly carriers: Carriers;
  readonly clock: Clock;
  /** The country that parcels are sent from. */
  readonly home: string;
  /** Milliseconds within which a carrier must respond; default 800. */
  readonly deadline?: number;
  /** Milliseconds for which a rate is valid; default 60,000. */
  readonly freshFor?: number;
}

/** Requests quotes from all carriers at once, and caches their rates, so that most parcels need no call. */
export class Quoter {
  private readonly rates: RateTable;
  private readonly calling = new Map<string, Promise<Rate | null | undefined>>();

  constructor(private readonly options: QuoterOptions) {
    this.rates = new RateTable(options.freshFor ?? 60_000);
  }

  /** Offers for a parcel, priced for the heaviest of its weight band. */
  async quotes({ country, weightGrams, method }: Parcel): Promise<Quotes> {
    const asked = this.each({ country, weightGrams, method });
    const rates = await Promise.all(asked.map(({ rate }) => rate));
    const offers: Offer[] = [];
    const missing: string[] = [];
    asked.forEach(({ carrier }, index) => {
      const rate = rates[index];
      if (rate) offers.push({ carrier, method, ...rate });
      else if (rate === undefined) missing.push(carrier);
    });
    return { offers: cheapestFirst(offers), missing };
  }

  /** The rate of each carrier, as it arrives: null if it does not carry such parcels, undefined if it did not respond. */
  each({ country, weightGrams, method }: Parcel): readonly AskedCarrier[] {
    const weightBand = weightBandOf(weightGrams);
    const zone = zoneOf(country, this.options.home);
    return this.options.carriers.all.map((carrier) => ({
      carrier: carrier.name,
      rate:
        weightBand === undefined
          ? Promise.resolve(null)
          : this.rate(carrier, { carrier: carrier.name, zone, weightBand, method }, country),
    }));
  }

  private async rate(
    carrier: Carrier,
    key: RateKey,
    country: string,
  ): Promise<Rate | null | undefined> {
    if (!carrier.isAvailable()) return undefined;
    const known = this.rates.find(key, this.options.clock.now());
    if (known !== undefined) return known;
    return this.inTime(this.call(carrier, key, country));
  }

  /** Concurrent requests for the same rate share one call. */
  private call(carrier: Carrier, key: RateKey, country: string): Promise<Rate | null | undefined> {
    const name = nameOf(key);
    const running = this.calling.get(name);
    if (running) return running;
    const parcel = { country, weightGrams: key.weightBand, method: key.method };
    const asked = carrier
      .quote(parcel)
      .then((rate) => {
        this.rates.put(key, rate, this.options.clock.now());
        return rate;
      })
      .catch(() => undefined)
      .finally(() => this.calling.delete(name));
    this.calling.set(name, asked);
    return asked;
  }

  private inTime<T>(asked: Promise<T>): Promise<T | undefined> {
    return new Promise((resolve) => {
      const forget = this.options.clock.after(this.options.deadline ?? 800, () =>
        resolve(undefined),
      );
      void asked.then((answer) => {
        forget();
        resolve(answer);
      });
    });
  }
}

/** There is no offer, and some carriers have not responded: a retry may help. */
export class NoOffers extends Error {
  readonly code = 'no_offers';
  constructor(missing: readonly string[]) {
    super(`no offer, and no answer of ${missing.join(', ')}`);
    this.name = 'NoOffers';
  }
}
