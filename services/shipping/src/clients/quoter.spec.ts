import { describe, expect, it } from '@jest/globals';
import { embeddedBroker } from '@waybill/embedded-broker';
import { BrokerRequests, oneBroker } from '@waybill/messaging';
import { HandClock } from '@waybill/messaging/testing';
import type { Rate } from '../domain/rate-table.ts';
import { QuoteResponder } from '../messages/quote.responder.ts';
import { type Carrier, Carriers, type Parcel } from './carrier.ts';
import { Quoter } from './quoter.ts';

const parcel: Parcel = { country: 'FR', weightGrams: 1_200, method: 'standard' };
const rate = (amount: number): Rate => ({ cost: { amount, currency: 'EUR' }, days: 3 });

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

/** A quoter, with the carriers at the other end of a broker. */
async function quoterOf(carriers: readonly Carrier[], lacks?: 'requests' | 'a connection') {
  const clock = new HandClock();
  const broker = embeddedBroker({ clock });
  const all = new Carriers(carriers);
  for (const { request, answer, name } of new QuoteResponder(all).quote()) {
    await broker.respond(request, answer, name);
  }
  const guarantees = { ...broker.guarantees, requests: lacks !== 'requests' };
  const state = () => (lacks === 'a connection' ? 'connecting' : 'connected');
  const brokers = oneBroker(Object.assign(broker, { guarantees, state }));
  const requests = new BrokerRequests(brokers, { source: 'shipping', clock });
  return { clock, quoter: new Quoter({ carriers: all, requests, clock, home: 'DE' }) };
}

describe('the quoter', () => {
  it('asks all carriers at once and puts the cheapest first', async () => {
    const dear = new FakeCarrier('dear', async () => rate(900));
    const cheap = new FakeCarrier('cheap', async () => rate(500));
    const refuses = new FakeCarrier('refuses', async () => null);
    const { quoter } = await quoterOf([dear, cheap, refuses]);
    const { offers, missing } = await quoter.quotes(parcel);
    expect(offers.map(({ carrier }) => carrier)).toEqual(['cheap', 'dear']);
    expect(missing).toEqual([]);
  });

  it.each([
    ['through their queues', undefined],
    ['in this process, where no broker carries requests', 'requests' as const],
    ['in this process, while the broker is away', 'a connection' as const],
  ])('names those that fail or are late, when they are asked %s', async (_, lacks) => {
    const good = new FakeCarrier('good', async () => rate(500));
    const silent = new FakeCarrier('silent', never);
    const broken = new FakeCarrier('broken', () => Promise.reject(new Error('broken')));
    const { quoter, clock } = await quoterOf([good, silent, broken], lacks);
    const asked = quoter.quotes(parcel);
    await soon();
    clock.advance(800);
    expect(await asked).toMatchObject({
      offers: [{ carrier: 'good' }],
      missing: ['silent', 'broken'],
    });
  });

  it('drops an answer that comes after the deadline, and asks again', async () => {
    let answerLate = (_: Rate): void => undefined;
    const late = () => new Promise<Rate>((resolve) => (answerLate = resolve));
    const slow = new FakeCarrier('slow', late);
    const { quoter, clock } = await quoterOf([slow]);
    const asked = quoter.quotes(parcel);
    await soon();
    clock.advance(800);
    expect(await asked).toEqual({ offers: [], missing: ['slow'] });
    answerLate(rate(1));
    await soon();
    slow.answer = async () => rate(900);
    expect(await quoter.quotes(parcel)).toMatchObject({ offers: [{ cost: { amount: 900 } }] });
  });

  it('asks for the top of the weight band, once a minute for all parcels of it', async () => {
    const carrier = new FakeCarrier('one', async () => rate(500));
    const { quoter, clock } = await quoterOf([carrier]);
    await Promise.all([quoter.quotes(parcel), quoter.quotes({ ...parcel, weightGrams: 1_900 })]);
    await quoter.quotes({ ...parcel, country: 'IT' });
    expect(carrier.asked).toEqual([{ country: 'FR', weightGrams: 2_000, method: 'standard' }]);
    clock.advance(60_000);
    await quoter.quotes(parcel);
    expect(carrier.asked).toHaveLength(2);
  });

  it('remembers that a carrier does not serve', async () => {
    const carrier = new FakeCarrier('one', async () => null);
    const { quoter } = await quoterOf([carrier]);
    await quoter.quotes(parcel);
    expect(await quoter.quotes(parcel)).toEqual({ offers: [], missing: [] });
    expect(carrier.asked).toHaveLength(1);
  });

  it('does not ask a carrier that is known to fail', async () => {
    const away = new FakeCarrier('away', never);
    away.available = false;
    const { quoter } = await quoterOf([away, new FakeCarrier('good', async () => rate(1))]);
    const { offers, missing } = await quoter.quotes(parcel);
    expect(offers).toHaveLength(1);
    expect(missing).toEqual(['away']);
    expect(away.asked).toEqual([]);
  });

  it('asks nobody for a parcel that is too heavy for all', async () => {
    const carrier = new FakeCarrier('one', async () => rate(1));
    const { quoter } = await quoterOf([carrier]);
    const heavy = await quoter.quotes({ ...parcel, weightGrams: 1_000_001 });
    expect(heavy).toEqual({ offers: [], missing: [] });
    expect(carrier.asked).toEqual([]);
  });
});
