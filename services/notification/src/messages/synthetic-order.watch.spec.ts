import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { HandClock } from '@waybill/messaging/testing';
import { Health, type HealthCheck, Metrics } from '@waybill/observability';
import { ShopClient } from '../clients/shop.client.ts';
import { notificationConfig } from '../notification.config.ts';
import { SyntheticOrderWatch } from './synthetic-order.watch.ts';

const id = '0193a5b0-0000-7000-8000-000000000001';
const left = '0193a5b0-0000-7000-8000-000000000002';
const ok = (body: object) => ({ status: 200, body });

let shop: Server;
let requests: { readonly what: string; readonly body: string }[];
/** What the shop answers; the test changes it. */
let answers: Record<string, { readonly status: number; readonly body: object }>;

beforeEach(async () => {
  requests = [];
  answers = {
    'POST /api/v1/auth/token': ok({ accessToken: 'token of the customer' }),
    'POST /api/v1/orders': { status: 202, body: { id, status: 'pending', reason: null } },
    'GET /api/v1/orders': ok({ items: [] }),
    [`GET /api/v1/orders/${id}`]: ok({ id, status: 'rejected', reason: 'payment_declined' }),
    [`POST /api/v1/orders/${left}/cancel`]: { status: 202, body: {} },
  };
  shop = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const what = `${request.method} ${request.url?.split('?')[0]}`;
    requests.push({ what, body: Buffer.concat(chunks).toString() });
    const { status, body } = answers[what] ?? { status: 404, body: {} };
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => shop.listen(0, '127.0.0.1', resolve));
});
afterEach(() => {
  shop.closeAllConnections();
  shop.close();
});

function watchOf(env: object = {}) {
  const config = notificationConfig.parse({
    SYNTHETIC_ORDER_URL: `http://127.0.0.1:${(shop.address() as AddressInfo).port}/`,
    SYNTHETIC_ORDER_EMAIL: 'synthetic@example.com',
    SYNTHETIC_ORDER_PASSWORD: 'of the customer',
    SYNTHETIC_ORDER_SKU: 'NOTHING',
    ...env,
  });
  const added: HealthCheck[] = [];
  const health = Object.assign(new Health('notification'), {
    add: (...checks: HealthCheck[]) => void added.push(...checks),
  });
  const metrics = new Metrics('notification');
  const clock = new HandClock();
  const warnings: object[] = [];
  const log = { warn: (fields: object) => void warnings.push(fields) };
  const client = new ShopClient(config);
  const watch = new SyntheticOrderWatch(client, health, metrics, clock, log as never, config);
  watch.onModuleInit();
  const check = async () => {
    // A report is kept for a second.
    const fresh = new Health('notification');
    fresh.add(...added);
    const { checks } = await fresh.report();
    const found = checks.find(({ name }) => name === 'synthetic-order');
    return found && [found.value, found.status];
  };
  return { watch, check, clock, warnings, metrics };
}

const settled = (status: string, reason: string | null) => {
  answers[`GET /api/v1/orders/${id}`] = ok({ id, status, reason });
};

it('orders one of its product as its customer, and is content if the card alone is refused', async () => {
  const { watch, check, warnings, metrics } = watchOf();
  await watch.order();
  expect(requests.map(({ what }) => what)).toEqual([
    'POST /api/v1/auth/token',
    'POST /api/v1/orders',
    `GET /api/v1/orders/${id}`,
    'GET /api/v1/orders',
  ]);
  expect(JSON.parse(requests[1]?.body ?? '')).toMatchObject({
    lines: [{ sku: 'NOTHING', quantity: 1 }],
    payment: { method: 'card', token: 'tok_capture_fails' },
  });
  expect([await check(), warnings]).toEqual([[0, 'healthy'], []]);
  expect(await metrics.text()).toMatch(/waybill_synthetic_order_seconds_count.*outcome="ok".* 1/);
});

it('cancels what is confirmed, also what a crash has left', async () => {
  settled('confirmed', null);
  answers['GET /api/v1/orders'] = ok({ items: [{ id: left, status: 'confirmed', reason: null }] });
  const { watch, warnings } = watchOf({ SYNTHETIC_ORDER_CARD: 'tok_visa' });
  await watch.order();
  expect(requests.at(-1)?.what).toBe(`POST /api/v1/orders/${left}/cancel`);
  expect(warnings).toEqual([]);
});

it.each([
  ['has no outcome in time', () => settled('pending', null), 'no outcome in time'],
  [
    'is rejected for another reason',
    () => settled('rejected', 'out_of_stock'),
    'rejected: out_of_stock',
  ],
  [
    'is refused',
    () => {
      answers['POST /api/v1/orders'] = { status: 503, body: {} };
    },
    'POST /api/v1/orders was answered with 503',
  ],
  [
    'cannot be cancelled',
    () => {
      const items = [{ id: left, status: 'confirmed', reason: null }];
      answers['GET /api/v1/orders'] = ok({ items });
      answers[`POST /api/v1/orders/${left}/cancel`] = { status: 409, body: {} };
    },
    'POST /api/v1/orders/{id}/cancel was answered with 409',
  ],
])(
  'fails if it %s; two failures in a row are bad, and one success ends them',
  async (_, break_, failure) => {
    const { watch, check, warnings } = watchOf();
    const good = { ...answers };
    break_();
    await watch.order();
    expect([await check(), warnings]).toMatchObject([[1, 'healthy'], [{ failure }]]);
    await watch.order();
    expect(await check()).toEqual([2, 'degraded']);
    answers = good;
    await watch.order();
    expect(await check()).toEqual([0, 'healthy']);
  },
);

it('says nothing more once another replica orders', async () => {
  answers = {};
  const { watch, check, clock } = watchOf();
  await watch.order();
  await watch.order();
  expect(await check()).toEqual([2, 'degraded']);
  clock.advance(3 * 60_000 + 1);
  expect(await check()).toEqual([0, 'healthy']);
});

it('is off without the URL of a shop', async () => {
  const { watch, check } = watchOf({ SYNTHETIC_ORDER_URL: undefined });
  await watch.order();
  expect([requests, await check()]).toEqual([[], undefined]);
});
