import { describe, expect, it } from '@jest/globals';
import type { Clock } from '@waybill/messaging';
import type { Rate } from '../domain/rate-table.ts';
import { type Carrier, Carriers, type Parcel } from './carrier.ts';
import { Quoter } from './quoter.ts';

const parcel: Parcel = { country: 'FR', weightGrams: 1_200, method: 'standard' };
const rate = (amount: number): Rate => ({ cost: { amount, currency: 'EUR' }, days: 3 });

/** A clock that a test advances; due timers run at once. */
class TurnedClock implements Clock {
  private time = Date.UTC(2026, 2, 1);
  private timers = new Map<() => void, number>();
  now = () => new Date(this.time);
  after(ms: number, run: () => void) {
    this.timers.set(run, this.time + ms);
    return () => void this.timers.delete(run);
  }
  turn(ms: number) {
    this.time += ms;
    for (const [run, due] of this.timers) if (due <= this.time) run();
  }
}

class FakeCarrier implements Carrier {
  asked: Parcel[] = [];
  available = true;
  constructor(
    readonly name: string,
    public answer: () => Promise<Rate | null>,
  ) {}
  isAvailable = () => this.available;
  quote(asked: Parcel) {
    this.asked.push(asked);
    return this.answer();
  }
  book = () => Promise.reject(new Error('not asked for'));
  cancel = () => Promise.reject(new Error('not asked for'));
  close = async () => {};
}

const never = () => new Promise<never>(() => {});
const soon = () => new Promise<void>((resolve) => setImmediate(resolve));

function quoterOf(...carriers: Carrier[]) {
  const clock = new TurnedClock();
  return { clock, quoter: new Quoter({ carriers: new Carriers(carriers), clock, home: 'DE' }) };
}

describe('the quoter', () => {
  it('asks all carriers at once and puts the cheapest first', async () => {
    const dear = new FakeCarrier('dear', async () => rate(900));
    const cheap = new FakeCarrier('cheap', async () => rate(500));
    const refuses = new FakeCarrier('refuses', async () => null);
    const { quotes, missing } = await (async () => {
      const found = await quoterOf(dear, cheap, refuses).quoter.quotes(parcel);
      return { quotes: found.offers.map(({ carrier }) => carrier), missing: found.missing };
    })();
    expect(quotes).toEqual(['cheap', 'dear']);
    expect(missing).toEqual([]);
  });

  it('names those that fail, and those that do not answer in time', async () => {
    const good = new FakeCarrier('good', async () => rate(500));
    const silent = new FakeCarrier('silent', never);
    const broken = new FakeCarrier('broken', () => Promise.reject(new Error('broken')));
    const { quoter, clock } = quoterOf(good, silent, broken);
    const asked = quoter.quotes(parcel);
    await soon();
    clock.turn(800);
    expect(await asked).toMatchObject({
      offers: [{ carrier: 'good' }],
      missing: ['silent', 'broken'],
    });
  });

  it('asks for the top of the weight band, once a minute for all parcels of it', async () => {
    const carrier = new FakeCarrier('one', async () => rate(500));
    const { quoter, clock } = quoterOf(carrier);
    await Promise.all([quoter.quotes(parcel), quoter.quotes({ ...parcel, weightGrams: 1_900 })]);
    await quoter.quotes({ ...parcel, country: 'IT' });
    expect(carrier.asked).toEqual([{ country: 'FR', weightGrams: 2_000, method: 'standard' }]);
    clock.turn(60_000);
    await quoter.quotes(parcel);
    expect(carrier.asked).toHaveLength(2);
  });

  it('remembers that a carrier does not serve', async () => {
    const carrier = new FakeCarrier('one', async () => null);
    const { quoter } = quoterOf(carrier);
    await quoter.quotes(parcel);
    expect(await quoter.quotes(parcel)).toEqual({ offers: [], missing: [] });
    expect(carrier.asked).toHaveLength(1);
  });

  it('does not ask a carrier that is known to fail', async () => {
    const away = new FakeCarrier('away', never);
    away.available = false;
    const { quoter } = quoterOf(away, new FakeCarrier('good', async () => rate(1)));
    const { offers, missing } = await quoter.quotes(parcel);
    expect(offers).toHaveLength(1);
    expect(missing).toEqual(['away']);
    expect(away.asked).toEqual([]);
  });

  it('asks nobody for a parcel that is too heavy for all', async () => {
    const carrier = new FakeCarrier('one', async () => rate(1));
    const { quoter } = quoterOf(carrier);
    const heavy = await quoter.quotes({ ...parcel, weightGrams: 1_000_001 });
    expect(heavy).toEqual({ offers: [], missing: [] });
    expect(carrier.asked).toEqual([]);
  });
});
