import { describe, expect, it } from '@jest/globals';
import { newId } from '@waybill/contracts';
import fc from 'fast-check';
import { type CountedOrder, count, countSale, countsId, type OrderCounts } from './order-counts.ts';

const order = (change: Partial<CountedOrder> = {}): CountedOrder => ({
  orderId: '019a0000-0000-7000-8000-000000000001',
  total: { amount: 1_999, currency: 'EUR' },
  at: '2026-05-01T10:00:59.999Z',
  ...change,
});

describe('the counts of a minute', () => {
  it('count each fact, and earn by confirmed orders alone', () => {
    let counts = count(undefined, 'placed', order());
    counts = count(counts, 'placed', order());
    counts = count(counts, 'confirmed', order());
    counts = count(counts, 'rejected', order());
    counts = count(counts, 'cancelled', order());

    expect(counts).toMatchObject({
      minute: '2026-05-01T10:00:00.000Z',
      currency: 'EUR',
      placed: 2,
      confirmed: 1,
      rejected: 1,
      cancelled: 1,
      revenue: 1_999,
    });
  });

  it('keep minutes and currencies apart', () => {
    const ids = [
      order(),
      order({ at: '2026-05-01T10:01:00.000Z' }),
      order({ total: { amount: 1, currency: 'USD' } }),
    ].map(countsId);

    expect(new Set(ids).size).toBe(3);
  });

  it('use a few rows a minute, the same one for all facts of an order', () => {
    const ids = Array.from({ length: 200 }, () => countsId(order({ orderId: newId() })));

    expect(new Set(ids).size).toBe(4);
    expect(countsId(order())).toBe(countsId(order({ at: '2026-05-01T10:00:01.000Z' })));
  });

  it('add up to the same in any order', () => {
    const facts = fc.array(
      fc.record({
        fact: fc.constantFrom('placed', 'confirmed', 'rejected', 'cancelled'),
        amount: fc.integer({ min: 1, max: 1_000_000 }),
      }),
    );
    const total = (all: readonly { fact: string; amount: number }[]) =>
      all.reduce<OrderCounts | undefined>(
        (counts, { fact, amount }) =>
          count(counts, fact as 'placed', order({ total: { amount, currency: 'EUR' } })),
        undefined,
      );
    fc.assert(
      fc.property(facts, (all) => {
        expect(total([...all].reverse())).toEqual(total(all));
      }),
    );
  });

  it('refuse a sum that would lose cents', () => {
    const full = { ...count(undefined, 'confirmed', order()), revenue: Number.MAX_SAFE_INTEGER };
    expect(() => count(full, 'confirmed', order())).toThrow('cannot be counted exactly');
  });
});

describe('the sales of a region', () => {
  it('count confirmed orders and what they earned', () => {
    const first = countSale(undefined, order(), 'europe', 'express');

    expect(countSale(first, order(), 'europe', 'express')).toMatchObject({
      region: 'europe',
      shippingMethod: 'express',
      orders: 2,
      revenue: 3_998,
    });
  });
});
