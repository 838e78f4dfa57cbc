import { describe, expect, it } from '@jest/globals';
import type { OrderView, Read } from '../system/client.ts';
import { eventually } from '../system/eventually.ts';
import { useProcesses } from '../system/process-system.ts';

const twice = { order: 2, inventory: 2, payment: 2, shipping: 2 };
const many = 12;

describe('two replicas of the services that an order needs', () => {
  const system = useProcesses({ replicas: twice });

  /** Enough concurrent orders for every partition; each waits at the replica that the gateway selects. */
  async function buyMany(): Promise<readonly string[]> {
    const ada = await system().as('ada');
    const bought = await Promise.all(Array.from({ length: many }, () => ada.buy()));
    return bought.map(({ status }: OrderView) => status);
  }
  const allConfirmed = Array.from({ length: many }, () => 'confirmed');

  it('share the work, and both serve', async () => {
    expect(await buyMany()).toEqual(allConfirmed);
    const ops = await system().as('ops');
    // Whatever the status: on a busy machine an event loop may be late at this moment.
    const { body: health } = await ops.get<Read<'/health'>>('/health');
    const names = health.services.map(({ service }) => service).sort();
    expect(names).toEqual([
      ...['analytics', 'customer', 'inventory', 'inventory', 'notification', 'order', 'order'],
      ...['payment', 'payment', 'shipping', 'shipping'],
    ]);
    const { bytes } = await ops.get('/metrics');
    expect(bytes.toString()).toMatch(/service="order",instance="order-2"/);
  });

  it('do without one that is gone', async () => {
    for (const name of Object.keys(twice)) await system().killForGood(name, 2);
    expect(await buyMany()).toEqual(allConfirmed);
    const before = system().pid('payment', 1);
    for (const name of Object.keys(twice)) system().release(name, 2);
    for (const name of Object.keys(twice)) await system().restarted(name, 2, undefined);
    expect(system().pid('payment', 1)).toBe(before);
    expect(await buyMany()).toEqual(allConfirmed);
  });

  it('do without one that is frozen, which takes up nothing stale when it goes on', async () => {
    for (const name of Object.keys(twice)) system().freeze(name, 1);
    const ada = await system().as('ada');
    const accepted: string[] = [];
    await eventually('orders are accepted by the others', async () => {
      const placed = await ada.placeOrderOnce().catch(() => undefined);
      if (placed?.status === 202) accepted.push(placed.body.id);
      return accepted.length >= many;
    });
    for (const id of accepted.slice(-3)) expect((await ada.settled(id)).status).toBe('confirmed');
    for (const name of Object.keys(twice)) system().thaw(name, 1);
    for (const id of accepted) expect((await ada.settled(id)).status).toBe('confirmed');
    expect(await buyMany()).toEqual(allConfirmed);
  });

  it('leave every invariant intact', async () => {
    expect(await system().verify()).toEqual([]);
  });
});
