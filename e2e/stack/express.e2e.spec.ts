import { describe, expect, it } from '@jest/globals';
import { useProcesses } from '../system/process-system.ts';
import { stockUp } from '../system/products.ts';

/** More than a consumer holds at once. */
const standardOrders = 400;
const atOnce = 25;
const sku = 'E2E-EXPRESS';
const lines = [{ sku, quantity: 1 }];

/** Commands and replies are on RabbitMQ. */
describe('express orders on the default mix', () => {
  const system = useProcesses({ brokers: 'mixed' });

  it('overtake standard orders that wait for inventory', async () => {
    const [ada, ops] = await Promise.all([system().as('ada'), system().as('ops')]);
    await stockUp(ops, sku, 2 * standardOrders);
    // From here on the rates of the carriers are known for both.
    for (const shippingMethod of ['standard', 'express'])
      expect((await ada.buy({ lines, shippingMethod })).status).toBe('confirmed');
    await system().killForGood('inventory');
    const waiting: string[] = [];
    while (waiting.length < standardOrders) {
      const placed = await Promise.all(
        Array.from({ length: atOnce }, () => ada.placeOrder({ lines })),
      );
      waiting.push(...placed.map(({ body }) => body.id));
    }
    const { body } = await ada.placeOrder({ lines, shippingMethod: 'express' });
    system().release('inventory');
    const express = await ada.settled(body.id);
    const standard: (typeof express)[] = [];
    for (const id of waiting) standard.push(await ada.settled(id));
    expect(express.status).toBe('confirmed');
    // So many orders at once may leave the provider and the carriers of a busy machine too little time.
    for (const { reason } of standard)
      expect([null, 'payment_unavailable', 'shipping_unavailable']).toContain(reason);
    const later = standard.filter(({ updatedAt }) => updatedAt > express.updatedAt);
    expect(later.length).toBeGreaterThan(standardOrders / 2);
  });

  it('leave every invariant intact', async () => {
    expect(await system().verify()).toEqual([]);
  });
});
