import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import {
  newId,
  OrderAnnounced,
  OrderConfirmed,
  OrderPlaced,
  OrderRejected,
} from '@waybill/contracts';
import { ConsumerBench, until } from '@waybill/messaging/testing';
import { PgStore } from '@waybill/persistence';
import { schemaChanges, type TestDatabase, testDatabase } from '@waybill/testing';
import { OrderCountsConsumer } from '../messages/order-counts.consumer.ts';
import { RegionSalesConsumer } from '../messages/region-sales.consumer.ts';
import { analyticsInvariants } from './analytics.invariants.ts';
import { analyticsStorage } from './analytics.storage.ts';
import { SalesRepository } from './sales.repository.ts';
import { SummaryRepository } from './summary.repository.ts';

let database: TestDatabase;

beforeAll(async () => {
  database = await testDatabase(analyticsStorage);
}, 60_000);
beforeEach(() =>
  database.pool.query(
    'truncate order_counts, region_sales, order_facts, customer_counts, product_counts',
  ),
);
afterAll(() => database?.close());

async function aBench(): Promise<ConsumerBench> {
  const counts = new OrderCountsConsumer({ highValueOrder: 100_000, shopCurrency: 'EUR' });
  const handlers = [counts.placed(), counts.confirmed(), counts.rejected(), counts.cancelled()];
  const bench = new ConsumerBench([...handlers, new RegionSalesConsumer().sold()], {
    service: 'analytics',
    store: new PgStore(database.pool, database.tables),
  });
  // Inbox partitions exist only around the database's current time.
  bench.clock.advance(Date.now() - bench.clock.now().getTime());
  return bench.start();
}

const settled = (...benches: ConsumerBench[]) =>
  until(() => benches.every((bench) => bench.open() === 0));

const lines = [{ sku: 'MUG', quantity: 1 }];
const fact = (at: string, amount = 1_000) => ({
  orderId: newId(),
  customerId: 'ada',
  total: { amount, currency: 'EUR' },
  at,
});
const placed = (at: string) =>
  OrderPlaced({ ...fact(at), lines, shippingMethod: 'standard', country: 'DE' });
const announced = (at: string, amount = 1_000) => {
  const { customerId: id, ...rest } = fact(at, amount);
  return OrderAnnounced({
    ...rest,
    lines,
    number: 'W-1',
    status: 'confirmed',
    reason: null,
    customer: { id, name: '', email: '' },
    shippingMethod: 'express',
    country: 'DE',
  });
};
const period = {
  from: new Date('2026-01-01T10:00:00Z'),
  to: new Date('2026-01-01T11:00:00Z'),
  currency: 'EUR',
};

describe('the counts in the database', () => {
  it('are summed by the minute and by region, inside the period alone', async () => {
    const bench = await aBench();
    for (const at of [
      '09:59:59.999',
      '10:00:00.000',
      '10:00:59.999',
      '10:05:00.000',
      '11:00:00.000',
    ]) {
      bench.deliver(placed(`2026-01-01T${at}Z`), { group: 'analytics' });
      bench.deliver(OrderConfirmed(fact(`2026-01-01T${at}Z`)), { group: 'analytics' });
      bench.deliver(announced(`2026-01-01T${at}Z`), { group: 'analytics.orders' });
    }
    await settled(bench);
    const summaries = new SummaryRepository(database.dataSource);
    const nothing = { rejected: 0, cancelled: 0 };

    expect(await summaries.read(period)).toEqual({
      minutes: [
        { minute: '2026-01-01T10:00:00.000Z', placed: 2, confirmed: 2, revenue: 2_000, ...nothing },
        { minute: '2026-01-01T10:05:00.000Z', placed: 1, confirmed: 1, revenue: 1_000, ...nothing },
      ],
      regions: [{ region: 'europe', shippingMethod: 'express', orders: 3, revenue: 3_000 }],
    });
    const inDollars = await summaries.read({ ...period, currency: 'USD' });
    expect(inDollars).toEqual({ minutes: [], regions: [] });
    expect(
      await analyticsInvariants(database.dataSource, { placed: 5, confirmed: 5, revenue: 5_000 }),
    ).toEqual([]);
  });

  it('lose nothing when two owners of partitions count the same minute', async () => {
    const one = await aBench();
    const other = await aBench();
    await one.listenerOf('analytics').assigned([1]);
    await other.listenerOf('analytics').assigned([0]);
    for (let i = 0; i < 200; i += 1) {
      const rejected = OrderRejected({
        ...fact('2026-01-01T10:30:00.000Z'),
        reason: 'payment_declined',
      });
      const partition = i % 2;
      (partition === 0 ? other : one).deliver(rejected, { group: 'analytics', partition });
    }
    await settled(one, other);

    expect(await analyticsInvariants(database.dataSource, { rejected: 200 })).toEqual([]);
  });

  it('are wrong when they differ from the orders, or from what was announced', async () => {
    const bench = await aBench();
    bench.deliver(OrderConfirmed(fact('2026-01-01T10:00:00.000Z')), { group: 'analytics' });
    await settled(bench);

    expect(await analyticsInvariants(database.dataSource, { confirmed: 2 })).toEqual([
      'analytics: confirmed is 1, the orders say 2',
      'analytics: announcements tell of 0 confirmed orders worth 0, events of 1 worth 1000',
    ]);
  });
});

describe('what is read of orders', () => {
  it('tells revenue by windows, latencies by outcome, orders of high value, and what a customer spent', async () => {
    const bench = await aBench();
    const sales = new SalesRepository(database.dataSource);
    const facts = { ...fact('2026-01-01T10:00:10.000Z', 100_000), orderId: newId() };
    const placed = { ...facts, lines, shippingMethod: 'standard' as const, country: 'DE' };
    for (const message of [
      OrderPlaced(placed),
      OrderPlaced({ ...placed, ...fact('2026-01-01T10:00:20.000Z', 99_999) }),
      OrderConfirmed({ ...facts, at: '2026-01-01T10:00:10.250Z' }),
      OrderConfirmed(fact('2026-01-01T11:30:00.000Z', 3_000)),
    ]) {
      bench.deliver(message, { group: 'analytics' });
      await settled(bench);
    }
    const span = { from: period.from, to: new Date('2026-01-01T12:00:00Z') };
    expect(await sales.revenue(span, '1 hour', 'EUR')).toEqual([
      { startedAt: new Date('2026-01-01T10:00:00Z'), orders: 1, revenue: 100_000 },
      { startedAt: new Date('2026-01-01T11:00:00Z'), orders: 1, revenue: 3_000 },
    ]);
    const took = { p50: 250, p95: 250, p99: 250, max: 250 };
    const nothing = { p50: null, p95: null, p99: null, max: null };
    expect(await sales.latency(span)).toEqual([
      { outcome: 'confirmed', orders: 1, ...took },
      { outcome: 'pending', orders: 1, ...nothing },
    ]);
    const published = bench.sent.filter(({ type }) => type === 'order.high-value');
    expect(published.map(({ data }) => data)).toMatchObject([{ orderId: facts.orderId }]);
    const [order, ...others] = await sales.highValueOrders(undefined, 9);
    expect([order?.orderId, order?.outcome, others]).toEqual([facts.orderId, 'confirmed', []]);
    const place = { at: facts.at, id: facts.orderId };
    expect(await sales.highValueOrders(place, 9)).toEqual([]);
    expect(await sales.customer('ada')).toBeNull();
    await database.pool.query("insert into customer_counts values ('ada', 2, 103000, 1)");
    expect(await sales.customer('ada')).toMatchObject({ orders: 2, spent: 103_000, sessions: 0 });
    await database.pool.query("insert into product_counts values ('MUG', 5, 2, 2000)");
    expect(await sales.topProducts('units', 9)).toMatchObject([
      { sku: 'MUG', name: null, units: 2 },
    ]);
  });
});

it('has the tables that its entities are', async () => {
  expect(await schemaChanges(database.dataSource)).toEqual([]);
});
