import { type QuotedRate, QuoteParcel, quotedRate } from '@waybill/contracts';
import {
  BrokerAway,
  type Clock,
  type Gathered,
  type Requests,
  RequestsNotCarried,
} from '@waybill/messaging';
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
import type { Carriers, Parcel } from './carrier.ts';

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

type Answer = Promise<Rate | null | undefined>;

export interface QuoterOptions {
  readonly carriers: Carriers;
  readonly requests: Requests;
  readonly clock: Clock;
  /** The country that parcels are sent from. */
  readonly home: string;
  /** Milliseconds within which a carrier must respond; default 800. */
  readonly deadline?: number;
  /** Milliseconds for which a rate is valid; default 60,000. */
  readonly freshFor?: number;
}

/**
 * Gathers quotes from all carriers at once, each by its own queue, and caches their rates, so that most parcels need no
 * request. A rate that comes after the deadline is dropped.
 */
export class Quoter {
  private readonly rates: RateTable;
  private readonly calling = new Map<string, Answer>();

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
    const names = this.options.carriers.all.map(({ name }) => name);
    if (weightBand === undefined) {
      return names.map((carrier) => ({ carrier, rate: Promise.resolve(null) }));
    }
    const keyOf = (carrier: string): RateKey => ({ carrier, zone, weightBand, method });
    const unknown = names.filter((name) => this.mustRequest(keyOf(name)));
    this.request(unknown.map(keyOf), { country, weightGrams: weightBand, method });
    return names.map((carrier) => ({ carrier, rate: this.rate(keyOf(carrier)) }));
  }

  private mustRequest(key: RateKey): boolean {
    return this.isAvailable(key) && this.known(key) === undefined && !this.calling.has(nameOf(key));
  }

  private async rate(key: RateKey): Answer {
    if (!this.isAvailable(key)) return undefined;
    const known = this.known(key);
    return known === undefined ? this.calling.get(nameOf(key)) : known;
  }

  private isAvailable({ carrier }: RateKey): boolean {
    return this.options.carriers.get(carrier).isAvailable();
  }

  private known(key: RateKey): Rate | null | undefined {
    return this.rates.find(key, this.options.clock.now());
  }

  /** Until all have answered, other parcels of the same rates wait for these answers. */
  private request(keys: readonly RateKey[], parcel: Parcel): void {
    if (keys.length === 0) return;
    const answers = this.gather(
      keys.map(({ carrier }) => carrier),
      parcel,
    );
    for (const key of keys) {
      const name = nameOf(key);
      const answer = Promise.resolve(answers.get(key.carrier)).then((came) => {
        this.calling.delete(name);
        if (came) this.rates.put(key, came.rate, this.options.clock.now());
        return came?.rate;
      });
      this.calling.set(name, answer);
    }
  }

  private gather(from: readonly string[], parcel: Parcel): Gathered<QuotedRate> {
    const { requests, carriers, deadline = 800 } = this.options;
    try {
      return requests.gather(QuoteParcel, parcel, { deadline, from, answer: quotedRate });
    } catch (error) {
      if (!(error instanceof RequestsNotCarried || error instanceof BrokerAway)) throw error;
      // An outage of the broker must not reject an order, so the adapters of this process are called.
      const answerOf = async (name: string) => ({ rate: await carriers.get(name).quote(parcel) });
      return new Map(from.map((name) => [name, this.inTime(answerOf(name), deadline)]));
    }
  }

  private inTime<T>(answer: Promise<T>, deadline: number): Promise<T | undefined> {
    return new Promise((resolve) => {
      const forget = this.options.clock.after(deadline, () => resolve(undefined));
      answer.then(resolve, () => resolve(undefined)).finally(forget);
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
