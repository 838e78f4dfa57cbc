import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type Carriers, isLive, startCarriers } from '@waybill/carriers';
import { systemClock } from '@waybill/messaging';
import { BreakerOpen, Resilience } from '@waybill/resilience';
import { shippingConfig } from '../shipping.config.ts';
import { HttpCarrier, httpCarriers } from './http-carrier.ts';

const apiKey = 'a-key-for-the-carriers';
const orderId = '0195a000-0000-7000-8000-000000000001';
const operationId = `${orderId}/book-shipment`;
const request = {
  operationId,
  orderId,
  address: { name: 'Ada', line1: '1 Main St', city: 'Berlin', postalCode: '10115', country: 'DE' },
  method: 'standard' as const,
  weightGrams: 1_200,
};
const parcel = { country: 'DE', weightGrams: 2_000, method: 'standard' as const };

it('there is a carrier for each name of CARRIERS, in that order', async () => {
  const config = shippingConfig.parse({ CARRIERS: 'oxcart,heron' });
  const carriers = httpCarriers(config, new Resilience(), systemClock);
  expect(carriers.map(({ name }) => name)).toEqual(['oxcart', 'heron']);
  for (const each of carriers) await each.close?.();
});

describe('the client of a carrier', () => {
  let folder: string;
  let sandbox: Carriers;
  let carrier: HttpCarrier;
  let resilience: Resilience;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'shipping-'));
    sandbox = await startCarriers({ dataFile: join(folder, 'ledger'), port: 0, apiKey });
    resilience = new Resilience();
    carrier = new HttpCarrier({ name: 'heron', url: sandbox.url, apiKey, resilience });
  });
  afterEach(async () => {
    await carrier.close();
    await sandbox.close();
    await rm(folder, { recursive: true });
  });
  const faults = (body: object) =>
    fetch(`${sandbox.url}/faults/heron`, {
      method: 'PUT',
      headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  const live = () => sandbox.ledger().filter(isLive);

  it('reads a quote, and that the carrier does not serve', async () => {
    expect(await carrier.quote(parcel)).toEqual({
      cost: { amount: 490, currency: 'EUR' },
      days: 2,
    });
    expect(await carrier.quote({ ...parcel, weightGrams: 50_000 })).toBeNull();
  });

  it('books once, however often it asks', async () => {
    const first = await carrier.book(request);
    expect(first).toMatchObject({ outcome: 'booked', trackingNumber: 'HP000000014DE' });
    expect(await carrier.book(request)).toEqual(first);
    expect(live()).toHaveLength(1);
  });

  it('books although every answer to a booking is lost, and does not know it', async () => {
    await faults({ loseBookings: 1 });
    expect(await carrier.book(request)).toMatchObject({ outcome: 'unknown' });
    expect(live()).toHaveLength(1);
  });

  it('takes a lost answer for unknown, and knows it when it asks again', async () => {
    await faults({ down: true });
    expect(await carrier.book(request)).toMatchObject({ outcome: 'unknown' });
    await faults({});
    expect(await carrier.book(request)).toMatchObject({ outcome: 'booked' });
    expect(live()).toHaveLength(1);
  });

  it('cancels what it never booked, so that it cannot be booked later', async () => {
    expect(await carrier.cancel(operationId)).toEqual({ outcome: 'cancelled' });
    expect(await carrier.book(request)).toMatchObject({ outcome: 'refused' });
    expect(live()).toEqual([]);
  });

  it('is told that it is too late, with the booking', async () => {
    await carrier.book(request);
    await fetch(`${sandbox.url}/moves`, {
      method: 'POST',
      headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' },
      body: JSON.stringify({
        carrier: 'heron',
        operationId,
        status: 'picked_up',
      }),
    });
    expect(await carrier.cancel(operationId)).toEqual({
      outcome: 'too_late',
      booking: { trackingNumber: 'HP000000014DE', cost: { amount: 490, currency: 'EUR' } },
    });
  });

  it('stops asking a carrier that fails, and says so', async () => {
    await faults({ errorShare: 1 });
    for (let n = 0; n < 5; n += 1) await expect(carrier.quote(parcel)).rejects.toThrow();
    expect(carrier.isAvailable()).toBe(false);
    await expect(carrier.book(request)).rejects.toBeInstanceOf(BreakerOpen);
  });

  it('offers no carrier of which one call still tries whether it is back', async () => {
    await faults({ errorShare: 1 });
    for (let n = 0; n < 5; n += 1) await expect(carrier.quote(parcel)).rejects.toThrow();
    const received: (readonly [string, boolean])[] = [];
    const closed = new Promise<void>((resolve) => {
      resilience.listen({
        stateChanged: (_, state) => {
          received.push([state, carrier.isAvailable()]);
          if (state === 'closed') resolve();
        },
      });
    });
    await faults({});
    await closed;
    expect(received).toEqual([
      ['half-open', false],
      ['closed', true],
    ]);
  });

  it('looks again when its look was too early to be let through', async () => {
    const looks: (() => void)[] = [];
    let planned = () => {};
    const clock = {
      ...systemClock,
      after: (_: number, look: () => void) => {
        looks.push(look);
        planned();
        return () => {};
      },
    };
    const early = new HttpCarrier({
      name: 'heron',
      url: sandbox.url,
      apiKey,
      resilience: new Resilience(),
      clock,
    });
    await faults({ errorShare: 1 });
    for (let n = 0; n < 5; n += 1) await expect(early.quote(parcel)).rejects.toThrow();
    const again = new Promise<void>((resolve) => {
      planned = resolve;
    });
    looks.shift()?.();
    await again;
    expect(looks.length).toBeGreaterThan(0);
    await early.close();
  });

  it('finds out by itself that a carrier is back', async () => {
    await faults({ errorShare: 1 });
    for (let n = 0; n < 5; n += 1) await expect(carrier.quote(parcel)).rejects.toThrow();
    const closed = new Promise<void>((resolve) => {
      resilience.listen({ stateChanged: (_, state) => state === 'closed' && resolve() });
    });
    await faults({});
    await closed;
    expect(carrier.isAvailable()).toBe(true);
  });
});

describe('a hostile answer of a carrier', () => {
  let server: Server;
  let answer: (response: ServerResponse) => void;
  let carrier: HttpCarrier;

  beforeEach(async () => {
    server = createServer((request, response) => {
      request.resume();
      answer(response);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    carrier = new HttpCarrier({ name: 'heron', url, apiKey, resilience: new Resilience() });
  });
  afterEach(async () => {
    await carrier.close();
    server.closeAllConnections();
    server.close();
  });

  const json = (status: number, body: string) => (response: ServerResponse) =>
    response.writeHead(status, { 'content-type': 'application/json' }).end(body);

  it.each<[string, (response: ServerResponse) => void]>([
    ['no JSON', json(200, '<html>')],
    ['nothing', json(200, '')],
    ['another shape', json(200, '[]')],
    [
      'a negative price',
      json(201, '{"trackingNumber":"HP1234","cost":{"amount":-1,"currency":"EUR"}}'),
    ],
    [
      'a fraction of a cent',
      json(201, '{"trackingNumber":"HP1234","cost":{"amount":0.5,"currency":"EUR"}}'),
    ],
    [
      'a huge price',
      json(201, '{"trackingNumber":"HP1234","cost":{"amount":1e308,"currency":"EUR"}}'),
    ],
    [
      'a number as text',
      json(201, '{"trackingNumber":"HP1234","cost":{"amount":"1","currency":"EUR"}}'),
    ],
    [
      'a strange number',
      json(201, '{"trackingNumber":"<script>","cost":{"amount":1,"currency":"EUR"}}'),
    ],
    ['ten megabytes', json(200, `"${'x'.repeat(10_000_000)}"`)],
    ['a redirect', (response) => response.writeHead(302, { location: '/elsewhere' }).end()],
    ['a refusal without sense', json(422, '{"code":7}')],
    ['too many requests', json(429, '{}')],
    ['a wrong key', json(401, '{"code":"unauthorized"}')],
  ])('with %s leaves the outcome unknown', async (_, given) => {
    answer = given;
    expect(await carrier.book(request)).toMatchObject({ outcome: 'unknown' });
    await expect(carrier.quote(parcel)).rejects.toThrow();
    await expect(carrier.cancel(operationId)).rejects.toThrow();
  });
});
