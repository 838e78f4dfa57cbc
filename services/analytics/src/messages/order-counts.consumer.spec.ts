import { beforeEach, describe, expect, it } from '@jest/globals';
import {
  newId,
  OrderAnnounced,
  OrderCancelled,
  OrderConfirmed,
  OrderPlaced,
  OrderRejected,
} from '@waybill/contracts';
import { ConsumerBench } from '@waybill/messaging/testing';
import type { OrderCounts, RegionSales } from '../domain/order-counts.ts';
import type { OrderFacts } from '../domain/order-facts.ts';
import { OrderCountsConsumer } from './order-counts.consumer.ts';
import { RegionSalesConsumer } from './region-sales.consumer.ts';

let bench: ConsumerBench;

beforeEach(async () => {
  const counts = new OrderCountsConsumer({ highValueOrder: 100_000, shopCurrency: 'EUR' });
  const handlers = [
    counts.placed(),
    counts.confirmed(),
    counts.rejected(),
    counts.cancelled(),
    new RegionSalesConsumer().sold(),
  ];
  bench = await new ConsumerBench(handlers, { service: 'analytics' }).start();
});

const lines = [{ sku: 'MUG', quantity: 1 }];
const fact = (orderId = newId()) => ({
  orderId,
  customerId: 'ada',
  total: { amount: 1_000, currency: 'EUR' },
  at: '2026-01-01T10:00:30.000Z',
});
const placed = () => OrderPlaced({ ...fact(), lines, shippingMethod: 'standard', country: 'DE' });
const confirmed = () => OrderConfirmed(fact());
const rejected = () => OrderRejected({ ...fact(), reason: 'out_of_stock' });
const cancelled = () => OrderCancelled(fact());
const announced = (country: string) => {
  const { customerId: id, ...rest } = fact();
  return OrderAnnounced({
    ...rest,
    lines,
    country,
    number: 'W-1',
    status: 'confirmed',
    reason: null,
    customer: { id, name: '', email: '' },
    shippingMethod: 'express',
  });
};
const rows = <S>(table: string): S[] =>
  [...bench.store.states.entries()]
    .filter(([name]) => name.startsWith(`${table}/`))
    .map(([, { value }]) => value as S);
const sum = (name: 'placed' | 'confirmed' | 'rejected' | 'cancelled' | 'revenue'): number =>
  rows<OrderCounts>('order_counts').reduce((total, row) => total + row[name], 0);

describe('the facts of orders', () => {
  const facts = () => rows<OrderFacts>('order_facts');

  it('tell when an order was placed and first settled, in whatever message comes again', async () => {
    const order = fact();
    const placing = OrderPlaced({ ...order, lines, shippingMethod: 'standard', country: 'DE' });
    const at = '2026-01-01T10:00:31.000Z';
    for (const message of [
      placing,
      OrderConfirmed({ ...order, at }),
      placing,
      OrderCancelled({ ...order, at: '2026-01-02T10:00:00.000Z' }),
      OrderConfirmed(fact()),
    ])
      bench.deliver(message, { group: 'analytics' });
    await bench.quiet();
    expect(facts()).toMatchObject([
      { orderId: order.orderId, placedAt: order.at, settledAt: at, outcome: 'confirmed' },
    ]);
  });

  it('publish the orders of high value', async () => {
    const total = (amount: number, currency = 'EUR') => ({
      ...fact(),
      total: { amount, currency },
    });
    for (const each of [total(99_999), total(100_000), total(100_000, 'USD')])
      bench.deliver(OrderPlaced({ ...each, lines, shippingMethod: 'standard', country: 'DE' }), {
        group: 'analytics',
      });
    await bench.quiet();
    const published = bench.sent.filter(({ type }) => type === 'order.high-value');
    expect(published).toMatchObject([{ data: { total: { amount: 100_000, currency: 'EUR' } } }]);
  });
});

describe('the counts of orders', () => {
  it('add up over a batch, in few rows', async () => {
    for (let i = 0; i < 60; i += 1) {
      for (const make of [placed, confirmed, rejected, cancelled]) {
        bench.deliver(make(), { group: 'analytics' });
      }
    }
    await bench.quiet();

    const names = ['placed', 'confirmed', 'rejected', 'cancelled', 'revenue'] as const;
    expect(names.map(sum)).toEqual([60, 60, 60, 60, 60_000]);
    expect(rows('order_counts').length).toBeLessThanOrEqual(4);
    expect(bench.store.commits).toBeLessThan(5);
  });

  it('count a message once, however often it comes', async () => {
    const id = newId();
    const message = confirmed();
    bench.deliver(message, { group: 'analytics', id });
    bench.deliver(message, { group: 'analytics', id });
    await bench.quiet();
    bench.deliver(message, { group: 'analytics', id });
    await bench.quiet();

    expect([sum('confirmed'), sum('revenue')]).toEqual([1, 1_000]);
  });
});

describe('the sales of regions', () => {
  it('count what is announced as confirmed, by region and method', async () => {
    for (const country of ['DE', 'FR', 'US']) {
      bench.deliver(announced(country), { group: 'analytics.orders' });
    }
    await bench.quiet();

    const found: Record<string, number> = {};
    for (const { region, shippingMethod, orders } of rows<RegionSales>('region_sales')) {
      const name = `${region} ${shippingMethod}`;
      found[name] = (found[name] ?? 0) + orders;
    }
    expect(found).toEqual({ 'europe express': 2, 'world express': 1 });
  });
});
