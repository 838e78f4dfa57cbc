import { afterEach, beforeEach, expect, it } from '@jest/globals';
import type { CarrierAnswer, OfferMessage } from '@waybill/contracts/grpc';
import { Refusal } from '@waybill/grpc';
import { EventStreams } from '@waybill/http';
import { type EdgeApp, edgeApp } from '@waybill/http/testing';
import { systemClock, Unavailable } from '@waybill/messaging';
import { anAddress } from '@waybill/testing';
import { concat, from, type Observable, throwError } from 'rxjs';
import { CarrierQuotes, type QuoteRequest } from '../carrier-quotes.ts';
import { EventSender } from './event-sender.ts';
import { QuoteStreamController } from './quote-stream.controller.ts';

/** Carriers who answer for each method. */
class Carriers extends CarrierQuotes {
  answers: (request: QuoteRequest) => Observable<CarrierAnswer> = () => from([]);

  stream(request: QuoteRequest) {
    return this.answers(request);
  }
}

const offer = (method: OfferMessage['method']) => ({
  carrier: 'heron',
  method,
  cost: { amount: 500, currency: 'EUR' },
  estimatedDays: 3,
});
const heron = ({ method }: QuoteRequest): CarrierAnswer => ({
  carrier: 'heron',
  offer: offer(method),
});
const body = { lines: [{ sku: 'MUG', quantity: 2 }], shippingAddress: anAddress() };

let carriers: Carriers;
let edge: EdgeApp;
beforeEach(async () => {
  carriers = new Carriers();
  const streams = new EventStreams(systemClock, { perCaller: 2, total: 2 });
  edge = await edgeApp([QuoteStreamController], {
    providers: [
      { provide: CarrierQuotes, useValue: carriers },
      { provide: EventStreams, useValue: streams },
      EventSender,
    ],
  });
});
afterEach(() => edge.app.close());

const quote = (payload: object = body) =>
  edge.fastify.inject({
    method: 'POST',
    url: '/api/v1/shipping/quotes/stream',
    headers: { authorization: 'Bearer ada' },
    payload,
  });
/** The events of a stream, without what comes before them. */
const eventsOf = (text: string) =>
  text
    .split('\n\n')
    .filter((part) => part.startsWith('event: '))
    .map((part) => part.replaceAll(/event: |data: /g, '').split('\n'));

it('tells each offer by its method, who does not answer once, and the end', async () => {
  const others: CarrierAnswer[] = [
    { carrier: 'crane', noAnswer: {} },
    { carrier: 'swift', noOffer: {} },
  ];
  carriers.answers = (request) => from([...others, heron(request)]);
  const { statusCode, payload } = await quote();
  expect(statusCode).toBe(200);
  const shown = eventsOf(payload).map(([event, data]) => [event, JSON.parse(data ?? '')]);
  expect(shown).toEqual([
    ['missing', { carrier: 'crane' }],
    ['quote', { ...offer('SHIPPING_METHOD_STANDARD'), method: 'standard' }],
    ['quote', { ...offer('SHIPPING_METHOD_EXPRESS'), method: 'express' }],
    ['end', {}],
  ]);
});

it.each([
  ['NOT_FOUND', 'unknown_sku', { skus: 'MUG' }, '/lines/0/sku', 'there is no product MUG'],
  [
    'INVALID_ARGUMENT',
    'duplicate_sku',
    { skus: 'MUG' },
    '/lines/0/sku',
    'more than one line has MUG: put the whole quantity on one',
  ],
  [
    'INVALID_ARGUMENT',
    'unknown_country',
    { country: 'XX' },
    '/shippingAddress/country',
    'this shop does not deliver to XX',
  ],
] as const)('is refused before it begins: %s %s', async (status, reason, about, path, detail) => {
  carriers.answers = () => throwError(() => new Refusal(status, 'no', { reason, about }));
  const answer = await quote();
  expect(answer.statusCode).toBe(422);
  expect(answer.json()).toMatchObject({
    code: reason,
    detail,
    errors: [{ path, message: detail }],
  });
});

it('is cut without its end when shipping is lost', async () => {
  const lost = throwError(() => new Unavailable('10.0.0.1'));
  carriers.answers = (request) => concat(from([heron(request)]), lost);
  const { statusCode, payload } = await quote();
  expect([statusCode, eventsOf(payload).map(([event]) => event)]).toEqual([200, ['quote']]);
});

it('names a field of the body that is wrong, and is for callers with a token', async () => {
  const wrong = await quote({ ...body, lines: [] });
  expect([wrong.statusCode, wrong.json().errors[0].path]).toEqual([400, '/lines']);
  const url = '/api/v1/shipping/quotes/stream';
  expect((await edge.fastify.inject({ method: 'POST', url, payload: body })).statusCode).toBe(401);
});
