import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type EdgeApp, edgeApp } from '@waybill/http/testing';
import { CLOCK } from '@waybill/messaging';
import { HandClock } from '@waybill/messaging/testing';
import { CONFIG } from '@waybill/service';
import { analyticsConfig } from '../analytics.config.ts';
import { BehaviourRepository } from '../storage/behaviour.repository.ts';
import { SalesRepository } from '../storage/sales.repository.ts';
import { BehaviourController } from './behaviour.controller.ts';
import { SalesController } from './sales.controller.ts';

let edge: EdgeApp;
const at = (time: string) => `2026-01-01T${time}.000Z`;
const window = {
  startedAt: at('11:00:00'),
  endedAt: at('11:01:00'),
  activities: 3,
  pageViews: 2,
  uniquePages: 1,
  purchases: 2,
  spend: 501,
  revision: 4,
};
const session = {
  sessionId: 'one',
  customerId: 'ada',
  country: 'DE',
  startedAt: at('11:00:00'),
  endedAt: at('11:00:30'),
  activities: 1,
  pageViews: 1,
  spend: 0,
  entryPage: '/',
  exitPage: '/',
  pages: [{ path: '/', category: 'home', views: 1 }],
  types: [{ type: 'page_view', times: 1 }],
  revision: 1,
};
const behaviour = {
  windows: async (visitors: readonly string[]) => ({
    items: visitors.map((visitor) => ({ visitor, ...window })),
    late: 7,
  }),
  sessions: async () => [session, { ...session, sessionId: 'two' }],
  pages: async () => [{ path: '/', category: 'home', views: 2, sessions: 1 }],
  bounces: async () => [
    { entryPage: null, sessions: 4, bounced: 1 },
    { entryPage: '/', sessions: 2, bounced: 1 },
  ],
  reached: async () => [4, 2, 0, 0],
};
const sales = {
  revenue: async () => [{ startedAt: new Date(at('11:00:00')), orders: 2, revenue: 3_001 }],
  topProducts: async () => [
    { sku: 'MUG', name: 'Mug', category: 'Home', units: 1, views: 2, revenue: 3 },
  ],
  customer: async (id: string) =>
    id === 'ada'
      ? {
          locale: 'de',
          registeredAt: null,
          orders: 2,
          spent: 3_000,
          activities: 5,
          sessions: 1,
          lastSeenAt: new Date(at('11:00:00')),
        }
      : null,
  highValueOrders: async () => [],
  latency: async () => [{ outcome: 'confirmed', orders: 1, p50: 1, p95: 2, p99: 3, max: 4 }],
};

beforeAll(async () => {
  edge = await edgeApp([BehaviourController, SalesController], {
    providers: [
      { provide: BehaviourRepository, useValue: behaviour },
      { provide: SalesRepository, useValue: sales },
      { provide: CLOCK, useValue: new HandClock(Date.parse(at('12:00:00'))) },
      { provide: CONFIG, useValue: analyticsConfig.parse({}) },
    ],
  });
});
afterAll(() => edge?.app.close());

async function read(path: string, token: string | null = 'operator') {
  const response = await edge.fastify.inject({
    url: `/api/v1/analytics/${path}`,
    headers: token ? { authorization: `Bearer ${token}` } : {},
  });
  return { status: response.statusCode, json: response.json() };
}
const euros = (amount: number) => ({ amount, currency: 'EUR' });

describe('the numbers of analytics', () => {
  it('tell what a visitor did in each window, and how much was late', async () => {
    const { revision: _, startedAt, endedAt, ...counts } = window;
    const money = { spend: euros(501), averageOrderValue: euros(251) };
    const shown = { ...counts, ...money, from: startedAt, to: endedAt };
    expect((await read('windows?user=ada')).json).toEqual({
      user: 'ada',
      late: 7,
      items: [
        { ...shown, known: true },
        { ...shown, known: false },
      ],
      nextCursor: null,
    });
    const { json } = await read('windows?user=ada&limit=1');
    expect(json.items).toEqual([{ ...shown, known: true }]);
    expect((await read(`windows?user=ada&limit=1&cursor=${json.nextCursor}`)).status).toBe(200);
    expect((await read(`windows?user=eve&limit=1&cursor=${json.nextCursor}`)).status).toBe(400);
  });

  it('list sessions, without the revision and the pages of each', async () => {
    const { json } = await read('sessions?limit=1');
    const { pages: _, revision: __, startedAt: from, endedAt: to, ...shown } = session;
    expect(json.items).toEqual([
      { ...shown, from, to, durationMs: 30_000, bounced: true, spend: euros(0) },
    ]);
    expect((await read(`sessions?limit=1&cursor=${json.nextCursor}`)).status).toBe(200);
    const other = await read(`sessions?limit=1&customerId=ada&cursor=${json.nextCursor}`);
    expect([other.status, other.json.errors[0].path]).toEqual([400, '/cursor']);
  });

  it('are shares of what there was, or nothing', async () => {
    const { json: bounce } = await read('bounce');
    expect([bounce.bounceRate, bounce.entryPages[0]]).toEqual([
      0.25,
      { path: '/', sessions: 2, bounced: 1, bounceRate: 0.5 },
    ]);
    const { json: funnel } = await read('funnel');
    expect(funnel.steps).toEqual([
      { step: 'viewed', sessions: 4, conversion: null },
      { step: 'added_to_cart', sessions: 2, conversion: 0.5 },
      { step: 'checkout_started', sessions: 0, conversion: 0 },
      { step: 'purchased', sessions: 0, conversion: null },
    ]);
  });

  it('tell revenue by windows, of a span that fits them', async () => {
    expect((await read('revenue?window=1m')).json).toEqual({
      window: '1m',
      from: at('11:00:00'),
      to: at('12:00:00'),
      orders: 2,
      revenue: euros(3_001),
      averageOrderValue: euros(1_501),
      items: [
        {
          from: at('11:00:00'),
          to: at('11:01:00'),
          orders: 2,
          revenue: euros(3_001),
          averageOrderValue: euros(1_501),
        },
      ],
      nextCursor: null,
    });
    expect((await read('revenue?window=1d')).json.from).toBe('2025-12-02T12:00:00.000Z');
  });

  it('tell of a customer, and nothing of a stranger', async () => {
    expect((await read('customers/ada')).json).toMatchObject({
      customerId: 'ada',
      orders: 2,
      lifetimeValue: euros(3_000),
      averageOrderValue: euros(1_500),
      lastSeenAt: at('11:00:00'),
    });
    const { status, json } = await read('customers/nobody');
    expect([status, json.code]).toEqual([404, 'not_found']);
  });

  it.each([
    ['pages', { items: [{ path: '/', views: 2 }], nextCursor: null }],
    [
      'products/top?by=views',
      { items: [{ rank: 1, sku: 'MUG', revenue: euros(3) }], nextCursor: null },
    ],
    ['high-value-orders', { items: [], nextCursor: null }],
    ['sagas/latency', { items: [{ outcome: 'confirmed', p99: 3 }], nextCursor: null }],
  ])('answer %s', async (path, expected) => {
    expect(await read(path)).toMatchObject({ status: 200, json: expected });
  });

  it.each([
    ['windows', '/user'],
    [`windows?user=${'u'.repeat(101)}`, '/user'],
    ['windows?user=a&user=b', '/user'],
    ['windows?user=a&limit=201', '/limit'],
    ['windows?user=a&from=2025-12-01T00:00:00Z', '/from'],
    ['sessions?cursor=x', '/cursor'],
    ['sessions?from=yesterday', '/from'],
    ['pages?limit=0', '/limit'],
    ['bounce?from=2026-01-02T00:00:00Z', '/from'],
    ['funnel?window=1m', '/window'],
    ['revenue?window=5m', '/window'],
    ['revenue?window=1m&from=2025-12-30T00:00:00Z', '/from'],
    ['products/top?by=luck', '/by'],
    [`customers/${'c'.repeat(101)}`, '/id'],
    ['high-value-orders?limit=1e3', '/limit'],
    ['sagas/latency?to=1', '/to'],
    ['sessions?from=2026-11-30T12:00:00Z&to=2026-11-30T12:00:00Z', '/from'],
  ])('refuse %s', async (path, field) => {
    const { status, json } = await read(path);
    expect([status, json.code, json.errors[0].path]).toEqual([400, 'invalid_request', field]);
  });

  it.each([
    'windows?user=a',
    'sessions',
    'pages',
    'bounce',
    'funnel',
    'revenue',
    'products/top',
    'customers/ada',
    'high-value-orders',
    'sagas/latency',
  ])('%s is for operators alone', async (path) => {
    expect((await read(path, 'ada')).status).toBe(403);
    expect((await read(path, null)).status).toBe(401);
  });
});
