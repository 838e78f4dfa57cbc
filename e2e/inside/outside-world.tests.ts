import { afterEach, expect, it } from '@jest/globals';
import { sagaOf } from '../portable/promises.ts';
import type { Target } from '../portable/target.ts';
import type { OrderView, ProblemView } from '../system/client.ts';
import { eventually } from '../system/eventually.ts';
import { stockOf } from '../system/products.ts';
import type { TestSystem } from '../system/test-system.ts';

/** Orders while the provider and the carriers have faults. */
export function outsideWorldTests(system: () => TestSystem, target: () => Target): void {
  afterEach(async () => {
    await system().sandboxes.carrierFaults({});
    await system().sandboxes.providerFaults({});
  });

  async function expectUndone(order: OrderView, sku: string): Promise<void> {
    const ops = await target().as('ops');
    expect(await stockOf(ops, sku)).toMatchObject({ available: 5, reserved: 0, sold: 0 });
    const { provider, carriers } = await system().sandboxes.ledgers();
    const sums = provider.find(({ orderId }) => orderId === order.id);
    expect(sums?.captured ?? 0).toBe(0);
    expect(sums?.voided ?? 0).toBe(sums?.authorized ?? 0);
    const parcels = carriers.filter(({ operationId }) => operationId.startsWith(order.id));
    expect(parcels.filter(({ status }) => status === 'booked')).toEqual([]);
  }

  it.each([
    ['is down', { down: true }],
    ['refuses the parcel', { refuseBookings: 1 }],
  ])('are rejected as shipping_unavailable when every carrier %s', async (_, faults) => {
    const ada = await target().as('ada');
    const sku = await target().product(5);
    await system().sandboxes.carrierFaults(faults);
    const order = await ada.buy({ lines: [{ sku, quantity: 2 }] });
    expect(order).toMatchObject({ status: 'rejected', reason: 'shipping_unavailable' });
    await system().sandboxes.carrierFaults({});
    await expectUndone(order, sku);
  });

  it('cost nobody anything when the provider was not there: rejected, or confirmed once it is back', async () => {
    const ada = await target().as('ada');
    await system().sandboxes.providerFaults({ down: true });
    const placed = await Promise.all(Array.from({ length: 20 }, () => ada.placeOrder()));
    const first = await ada.settled(placed[0]?.body.id ?? '');
    expect(first).toMatchObject({ status: 'rejected', reason: 'payment_unavailable' });
    await system().sandboxes.providerFaults({});
    for (const { body } of placed) {
      const { status } = await ada.settled(body.id);
      expect(['confirmed', 'rejected']).toContain(status);
    }
  });

  it('delay nobody: while slow cards wait for their provider, others are confirmed', async () => {
    const ada = await target().as('ada');
    const payment = { method: 'card', token: 'tok_slow' };
    const placed: string[] = [];
    // They wait for three seconds, in which a busy machine may not bring another order to its end.
    await eventually('others are confirmed before them', async () => {
      const slow = await Promise.all(
        Array.from({ length: 20 }, async () => (await ada.placeOrder({ payment })).body.id),
      );
      placed.push(...slow);
      const quick = await Promise.all([ada.buy(), ada.buy(), ada.buy()]);
      const states = await Promise.all(slow.map((id) => ada.order(id)));
      return (
        quick.every(({ status }) => status === 'confirmed') &&
        states.some(({ status }) => status === 'pending')
      );
    });
    for (const id of placed) expect((await ada.settled(id)).status).toBe('confirmed');
  });

  it('cannot be given up while their capture is under way', async () => {
    const [ada, ops] = await Promise.all([target().as('ada'), target().as('ops')]);
    const { id } = (await ada.placeOrder({ payment: { method: 'card', token: 'tok_slow' } })).body;
    await eventually('the authorization is in the books', async () => {
      const { provider } = await system().sandboxes.ledgers();
      return provider.some(({ orderId, authorized }) => orderId === id && authorized > 0);
    });
    await system().sandboxes.providerFaults({ latencyMs: 6_000 });
    await eventually('the capture is under way', async () => {
      const { step } = await sagaOf(ops, id);
      return step === 'capture-payment';
    });
    const late = await ops.post<ProblemView>(`/api/v1/sagas/${id}/compensate`, {});
    expect([late.status, late.body.code]).toEqual([409, 'past_point_of_no_return']);
    expect((await ops.post(`/api/v1/sagas/${id}/retry`, {})).status).toBe(202);
    await system().sandboxes.providerFaults({});
    expect((await ada.settled(id)).status).toBe('confirmed');
  });
}
