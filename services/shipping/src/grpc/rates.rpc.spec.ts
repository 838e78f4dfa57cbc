import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type CarrierAnswer, type QuoteResponse, ratesApi } from '@waybill/contracts/grpc';
import { embeddedBroker } from '@waybill/embedded-broker';
import { Loopback } from '@waybill/grpc/testing';
import { BrokerRequests, oneBroker, Requests, systemClock } from '@waybill/messaging';
import { until } from '@waybill/messaging/testing';
import { firstValueFrom, toArray } from 'rxjs';
import { type Carrier, Carriers } from '../clients/carrier.ts';
import { ParcelWeigher } from '../clients/parcel-weigher.ts';
import { Quoter } from '../clients/quoter.ts';
import type { Rate } from '../domain/rate-table.ts';
import { QuoteResponder } from '../messages/quote.responder.ts';
import { RatesRpc } from './rates.rpc.ts';

const soon = { deadline: 5_000 };
const rate = (amount: number): Rate => ({ cost: { amount, currency: 'EUR' }, days: 3 });
const never = () => new Promise<never>(() => {});
const request = {
  lines: [{ sku: 'MUG', quantity: 2 }],
  shippingAddress: {
    name: 'Ada',
    line1: '1 Rue de Rivoli',
    city: 'Paris',
    postalCode: '75001',
    country: 'FR',
  },
  method: 'SHIPPING_METHOD_STANDARD',
};

/** An inventory with nothing but the mug. */
const inventory = {
  request: async (_: unknown, { skus }: { skus: string[] }) => ({
    products: skus.includes('MUG') ? [{ sku: 'MUG', weightGrams: 300 }] : [],
  }),
} as unknown as Requests;

let answers: Record<string, () => Promise<Rate | null>>;
let loopback: Loopback;
beforeEach(async () => {
  answers = { dear: async () => rate(900), cheap: async () => rate(500), silent: async () => null };
  const carriers = ['dear', 'cheap', 'silent'].map(
    (name) =>
      ({
        name,
        isAvailable: () => true,
        quote: () => answers[name]?.() ?? never(),
      }) as unknown as Carrier,
  );
  const all = new Carriers(carriers);
  const broker = embeddedBroker();
  for (const { request, answer, name } of new QuoteResponder(all).quote()) {
    await broker.respond(request, answer, name);
  }
  const quoter = new Quoter({
    carriers: all,
    requests: new BrokerRequests(oneBroker(broker), { source: 'shipping' }),
    clock: systemClock,
    home: 'DE',
    // A busy machine must not miss it.
    deadline: 500,
  });
  loopback = await Loopback.start({
    api: ratesApi,
    module: {
      controllers: [RatesRpc],
      providers: [
        ParcelWeigher,
        { provide: Quoter, useValue: quoter },
        { provide: Requests, useValue: inventory },
      ],
    },
  });
});
afterEach(() => loopback.close());

const quote = (asked: object = request) =>
  loopback.caller().call<QuoteResponse>('Quote', asked, soon);
const streamed = (asked: object = request) =>
  loopback.caller().stream<CarrierAnswer>('StreamQuotes', asked, soon);

describe('rates by gRPC', () => {
  it('are the offers of all carriers, cheapest first, and who did not answer', async () => {
    answers['silent'] = never;
    const { offers, missing } = await quote();
    expect(offers).toEqual([
      {
        carrier: 'cheap',
        method: 'SHIPPING_METHOD_STANDARD',
        cost: { amount: 500, currency: 'EUR' },
        estimatedDays: 3,
      },
      expect.objectContaining({ carrier: 'dear' }),
    ]);
    expect(missing).toEqual(['silent']);
  });

  it('are unavailable when no carrier answers', async () => {
    answers = { dear: never, cheap: never, silent: never };
    await expect(quote()).rejects.toMatchObject({ code: 'unavailable' });
  });

  it('come from each carrier as it answers, then end', async () => {
    let say = (_: Rate): void => {};
    answers['dear'] = () =>
      new Promise((resolve) => {
        say = resolve;
      });
    const told: CarrierAnswer[] = [];
    let ended = false;
    const subscriber = {
      next: (each: CarrierAnswer) => told.push(each),
      complete: () => {
        ended = true;
      },
    };
    streamed().subscribe(subscriber);
    await until(() => told.length === 2);
    expect(told.map(({ carrier }) => carrier).sort()).toEqual(['cheap', 'silent']);
    expect(ended).toBe(false);
    say(rate(900));
    await until(() => ended);
    expect(told[2]).toMatchObject({ carrier: 'dear', offer: { cost: { amount: 900 } } });
  });

  it('say of each carrier whether it offers, does not carry, or did not answer', async () => {
    answers['dear'] = never;
    const told = await firstValueFrom(streamed().pipe(toArray()));
    const kinds = told.map((each) => `${each.carrier} ${Object.keys(each)[1]}`);
    expect(kinds.sort()).toEqual(['cheap offer', 'dear noAnswer', 'silent noOffer']);
  });

  const lines = (...skus: string[]) => skus.map((sku) => ({ sku, quantity: 1 }));
  it.each([
    ['NOT_FOUND', 'unknown_sku', { ...request, lines: lines('MUG', 'NONE') }],
    ['INVALID_ARGUMENT', 'duplicate_sku', { ...request, lines: lines('MUG', 'MUG') }],
    [
      'INVALID_ARGUMENT',
      'unknown_country',
      { ...request, shippingAddress: { ...request.shippingAddress, country: 'XX' } },
    ],
    ['INVALID_ARGUMENT', 'invalid_request', { ...request, lines: [] }],
    ['INVALID_ARGUMENT', 'invalid_request', { ...request, method: 0 }],
    ['INVALID_ARGUMENT', 'invalid_request', { ...request, shippingAddress: null }],
  ])('are refused: %s %s', async (status, code, asked) => {
    await expect(quote(asked)).rejects.toMatchObject({ status, code });
    await expect(firstValueFrom(streamed(asked))).rejects.toMatchObject({ status, code });
  });
});
