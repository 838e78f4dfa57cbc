import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, it } from '@jest/globals';
import { headerValues, jsonValues, spoilt, urlValues } from '@waybill/testing/hostile';
import type { FastifyInstance, InjectOptions } from 'fastify';
import { PaymentProvider } from './payment-provider.ts';
import { PaymentServer } from './server.ts';

const apiKey = 'a-key';
const move = { authorization: 'order/authorize-payment', amount: 1, currency: 'EUR' };
const posts: Readonly<Record<string, object>> = {
  '/v1/authorizations': { orderId: 'order', amount: 1, currency: 'EUR', token: 'tok_visa' },
  '/v1/captures': move,
  '/v1/refunds': move,
  '/v1/voids': { authorization: move.authorization },
  '/disputes': { authorization: move.authorization },
  '/challenges/ch_1/approve': {},
};
const faults = { down: false, latencyMs: 0, errorShare: 0, errorStatus: 429, duplicates: false };

let folder: string;
let provider: PaymentProvider;
let app: FastifyInstance;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'payment-provider-'));
  provider = await PaymentProvider.open({ dataFile: join(folder, 'ledger') });
  const options = { apiKey, random: () => 0.5, now: () => new Date(), tell: () => {} };
  ({ app } = new PaymentServer(provider, options));
});
afterAll(async () => {
  await app.close();
  await provider.close();
  await rm(folder, { recursive: true });
});

async function send(options: InjectOptions): Promise<void> {
  const answer = await app.inject({
    ...options,
    headers: { authorization: `Bearer ${apiKey}`, 'idempotency-key': 'a', ...options.headers },
  });
  const sent = JSON.stringify(options).slice(0, 300);
  if (answer.statusCode >= 500) throw new Error(`${sent} -> ${answer.statusCode} ${answer.body}`);
}

it('no query makes the provider fail', async () => {
  for (const value of urlValues) {
    for (const query of [`id=${value}`, `id=a&id=${value}`, `id[]=${value}`, `x=${value}`]) {
      await send({ url: `/v1/operations?${query}` });
    }
    await send({ url: `/challenges/${value}` });
    await send({ method: 'POST', url: `/challenges/${value}/decline` });
  }
});

it('no header makes it fail', async () => {
  for (const value of headerValues) {
    for (const name of ['authorization', 'idempotency-key', 'content-type']) {
      for (const [url, body] of Object.entries(posts)) {
        const payload = JSON.stringify(body);
        await send({ method: 'POST', url, payload, headers: { [name]: value } });
      }
    }
  }
});

it('no body makes it fail', async () => {
  const headers = { 'content-type': 'application/json' };
  for (const [url, body] of Object.entries(posts)) {
    for (const payload of spoilt(body, jsonValues)) {
      await send({ method: 'POST', url, payload, headers });
    }
  }
  for (const payload of spoilt(faults, jsonValues)) {
    await send({ method: 'PUT', url: '/faults', payload, headers });
    await send({ method: 'PUT', url: '/faults', payload: '{}', headers });
  }
});
