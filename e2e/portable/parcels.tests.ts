import { randomUUID } from 'node:crypto';
import { expect, it } from '@jest/globals';
import type { OrderView, ProblemView } from '../system/client.ts';
import { eventually } from '../system/eventually.ts';
import { stockOf } from '../system/products.ts';
import { carrierTells, type Move } from './carrier.ts';
import type { Target } from './target.ts';

/** Orders whose products lie in several warehouses. */
export function parcelTests(target: () => Target): void {
  /** An order of two products, each in a warehouse of its own. */
  async function orderOfTwo(): Promise<{ order: OrderView; skus: readonly [string, string] }> {
    const ada = await target().as('ada');
    const [near, far] = [
      await target().product(5),
      await target().product(5, { warehouse: 'NORTH', weightGrams: 700 }),
    ];
    const lines = [near, far].map((sku) => ({ sku, quantity: 2 }));
    return { order: await ada.buy({ lines }), skus: [near, far] };
  }

  const tell = async (order: OrderView, number: number, ...moves: Move[]) => {
    for (const move of moves) {
      const { status } = await carrierTells(target(), order, move, randomUUID(), number);
      expect([number, move, status]).toEqual([number, move, 202]);
    }
  };

  it('have a parcel from each, and are shipped when all have left, delivered when all have come', async () => {
    const [ada, grace, ops] = await Promise.all([
      target().as('ada'),
      target().as('grace'),
      target().as('ops'),
    ]);
    const { order } = await orderOfTwo();
    expect(order.shipments.map(({ status }) => status)).toEqual(['booked', 'booked']);
    expect(new Set(order.shipments.map(({ trackingNumber }) => trackingNumber)).size).toBe(2);
    const parcels = await Promise.all(
      order.shipments.map(({ id }) => ops.read('/api/v1/shipments/{id}', { path: { id } })),
    );
    expect(
      parcels.map(({ orderId, parcel, weightGrams }) => [orderId, parcel, weightGrams]),
    ).toEqual([
      [order.id, { number: 1, of: 2, warehouse: expect.any(String) }, expect.any(Number)],
      [order.id, { number: 2, of: 2, warehouse: expect.any(String) }, expect.any(Number)],
    ]);
    expect(parcels.map(({ weightGrams }) => weightGrams).sort()).toEqual([1_400, 400]);
    for (const { id, labelUrl } of order.shipments) {
      expect(labelUrl).toContain(id);
      expect((await ada.get(labelUrl)).status).toBe(200);
      expect((await grace.get(labelUrl)).status).toBe(404);
    }
    await tell(order, 2, 'picked_up');
    await target().reaches(ada, order.id, 'partially_shipped');
    const late = await ada.post<ProblemView>(`/api/v1/orders/${order.id}/cancel`, { reason: 'no' });
    expect([late.status, late.body.code]).toEqual([409, 'wrong_state']);
    await tell(order, 2, 'in_transit', 'delivered');
    await tell(order, 1, 'picked_up');
    await target().reaches(ada, order.id, 'shipped');
    await tell(order, 1, 'in_transit', 'delivered');
    const delivered = await target().reaches(ada, order.id, 'delivered');
    expect(delivered.shipments.map(({ status }) => status)).toEqual(['delivered', 'delivered']);
  });

  it('give everything back to both warehouses when they are cancelled', async () => {
    const ada = await target().as('ada');
    const { order, skus } = await orderOfTwo();
    await ada.cancel(order.id);
    const cancelled = await target().reaches(ada, order.id, 'cancelled');
    expect(cancelled.shipments.map(({ status }) => status)).toEqual(['cancelled', 'cancelled']);
    const ops = await target().as('ops');
    const stocks = await Promise.all(skus.map((sku) => stockOf(ops, sku)));
    expect(stocks.map(({ available, warehouses }) => [available, warehouses])).toEqual([
      [5, [{ code: expect.any(String), onHand: 5 }]],
      [5, [{ code: 'NORTH', onHand: 5 }]],
    ]);
  });

  it('have one parcel from a warehouse that has everything', async () => {
    const [ada, ops] = await Promise.all([target().as('ada'), target().as('ops')]);
    const both = await target().product(9);
    const path = { sku: both };
    const body = { quantity: 3, warehouse: 'NORTH' };
    await ops.api.POST('/api/v1/inventory/{sku}/restock', { params: { path }, body });
    const far = await target().product(5, { warehouse: 'NORTH' });
    const order = await ada.buy({ lines: [both, far].map((sku) => ({ sku, quantity: 2 })) });
    expect(order.shipments).toHaveLength(1);
    await eventually('its goods have left that warehouse', async () => {
      const { warehouses } = await stockOf(ops, both);
      return warehouses.map(({ onHand }) => onHand).join() === '9,1';
    });
  });
}
