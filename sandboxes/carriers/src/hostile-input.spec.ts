import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { headerValues, jsonValues, spoilt, urlValues } from '@waybill/testing/hostile';
import type { FastifyInstance, InjectOptions } from 'fastify';
import { Sandbox } from './sandbox.ts';
import { carriersServer } from './server.ts';

const apiKey = 'a-key';
const operationId = 'order/book-shipment';
const booking = {
  reference: 'order',
  method: 'standard',
  weightGrams: 1_200,
  address: {
    ...{ name: 'Ada', line1: '1 Main St', line2: '2', city: 'Berlin', postalCode: '10115' },
    country: 'DE',
  },
};
const posts: Readonly<Record<string, object>> = {
  '/v1/heron/quotes': { country: 'DE', weightGrams: 1, method: 'standard' },
  '/v1/heron/bookings': booking,
  '/v1/heron/cancellations': { operationId },
  '/v1/granary/orders': { sku: 'MUG', quantity: 1 },
  '/deliveries': { orderId: operationId },
  '/moves': { carrier: 'heron', operationId, status: 'delivered' },
};
const faults = { errorShare: 0, webhookCopies: 1, webhooksReversed: false };

let app: FastifyInstance;
beforeAll(async () => {
  app = carriersServer(await Sandbox.open({ dataFile: null }), apiKey);
});
afterAll(() => app.close());

async function send(options: InjectOptions): Promise<void> {
  const answer = await app.inject({
    ...options,
    headers: { authorization: `Bearer ${apiKey}`, 'idempotency-key': 'a', ...options.headers },
  });
  const sent = JSON.stringify(options).slice(0, 300);
  if (answer.statusCode >= 500) throw new Error(`${sent} -> ${answer.statusCode} ${answer.body}`);
}

it('no part of a URL makes the carriers fail', async () => {
  for (const value of urlValues) {
    for (const url of [
      `/v1/${value}/bookings?operationId=${operationId}`,
      `/v1/heron/bookings?operationId=${value}`,
      `/v1/heron/bookings?operationId=a&operationId=${value}`,
      `/v1/heron/bookings?operationId[]=${value}`,
      `/faults/${value}`,
      `/ledger?x=${value}`,
    ]) {
      await send({ url });
    }
    for (const [url, payload] of Object.entries(posts)) {
      await send({ method: 'POST', url: url.replace('heron', value), payload });
    }
  }
});

it('no header makes them fail', async () => {
  for (const value of headerValues) {
    for (const name of ['authorization', 'idempotency-key', 'content-type']) {
      const url = '/v1/heron/bookings';
      const payload = JSON.stringify(booking);
      await send({ method: 'POST', url, payload, headers: { [name]: value } });
    }
  }
});

it('no body makes them fail', async () => {
  const headers = { 'content-type': 'application/json' };
  for (const [url, body] of Object.entries(posts)) {
    for (const payload of spoilt(body, jsonValues)) {
      await send({ method: 'POST', url, payload, headers });
    }
  }
  for (const payload of spoilt(faults, jsonValues)) {
    await send({ method: 'PUT', url: '/faults/oxcart', payload, headers });
  }
});

it('two keys are refused, and so is one that no log could show', async () => {
  const request = (key: string | string[]) =>
    app.inject({
      method: 'POST',
      url: '/v1/heron/bookings',
      payload: booking,
      headers: { authorization: `Bearer ${apiKey}`, 'idempotency-key': key },
    });
  for (const key of ['', ' ', 'a b', ['a', 'b'], 'x'.repeat(201)]) {
    expect((await request(key)).statusCode).toBe(400);
  }
});
