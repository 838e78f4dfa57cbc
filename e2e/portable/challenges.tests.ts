import { randomUUID } from 'node:crypto';
import { expect, it } from '@jest/globals';
import type { Client, OrderView } from '../system/client.ts';
import { eventually } from '../system/eventually.ts';
import { stockOf } from '../system/products.ts';
import { moneyOf } from './promises.ts';
import type { Target } from './target.ts';

/** Orders whose payment the customer must confirm on a page of the payment provider (3-D Secure). */
export function challengeTests(target: () => Target): void {
  /** An order of two of five units of a product, which waits for its customer. */
  async function asked(ada: Client): Promise<{ order: OrderView; sku: string; page: string }> {
    const sku = await target().product(5);
    const payment = { method: 'card', token: 'tok_3ds' };
    const { body } = await ada.placeOrder({ lines: [{ sku, quantity: 2 }], payment });
    const order = await eventually('its customer is asked', async () => {
      const found = await ada.order(body.id, '10s');
      return found.payment.actionUrl !== null && found;
    });
    return { order, sku, page: order.payment.actionUrl ?? '' };
  }

  async function decide(page: string, decision: 'approve' | 'decline'): Promise<string> {
    const answer = await fetch(`${page}/${decision}`, { method: 'POST' });
    expect(answer.status).toBe(200);
    return answer.text();
  }

  /** Nothing of the order is reserved, sold or held. */
  async function expectNothingKept({ id }: OrderView, sku: string): Promise<void> {
    const ops = await target().as('ops');
    expect(await stockOf(ops, sku)).toMatchObject({ available: 5, reserved: 0, sold: 0 });
    await eventually('its money is free', async () => (await moneyOf(ops, id)).left.length === 0);
  }

  it('wait for them, and are confirmed when they approve; the first decision counts', async () => {
    const ada = await target().as('ada');
    const { order, page } = await asked(ada);
    expect(order).toMatchObject({ status: 'pending', payment: { status: 'requires_action' } });
    expect(order.payment.authorized.amount).toBe(0);
    expect(await (await fetch(page)).text()).toContain('Approve');
    await decide(page, 'approve');
    expect(await decide(page, 'decline')).toContain('You have approved this payment.');
    const settled = await ada.settled(order.id);
    expect(settled.status).toBe('confirmed');
    expect(settled.payment).toMatchObject({ status: 'captured', actionUrl: null });
    const events = await ada.all('/api/v1/orders/{id}/events', { path: { id: order.id } });
    expect(events.map(({ type }) => type).slice(0, 3)).toEqual([
      'placed',
      'payment-action-required',
      'payment-authorized',
    ]);
  });

  it('are rejected when they decline, and cost nothing', async () => {
    const ada = await target().as('ada');
    const { order, sku, page } = await asked(ada);
    await decide(page, 'decline');
    const { status, reason, payment } = await ada.settled(order.id);
    expect([status, reason]).toEqual(['rejected', 'payment_declined']);
    expect(payment).toMatchObject({ status: 'declined', actionUrl: null });
    await expectNothingKept(order, sku);
  });

  it('can be cancelled meanwhile: then an approval comes too late', async () => {
    const ada = await target().as('ada');
    const { order, sku, page } = await asked(ada);
    await ada.cancel(order.id);
    const cancelled = await target().reaches(ada, order.id, 'cancelled');
    expect(cancelled.payment).toMatchObject({ status: 'voided', actionUrl: null });
    await eventually('the page says so', async () => {
      return (await decide(page, 'approve')).includes('This payment is no longer needed.');
    });
    await expectNothingKept(order, sku);
    expect((await ada.order(order.id)).status).toBe('cancelled');
  });

  /** The provider reports something about the payment of an order. */
  async function report(type: string, order: OrderView): Promise<void> {
    const ops = await target().as('ops');
    const path = { orderId: order.id };
    const { chargeId } = await ops.read('/api/v1/payments/{orderId}', { path });
    const operationId = `${order.id}/authorize-payment`;
    const data = { operationId, orderId: order.id, chargeId, ...order.total };
    const event = { id: randomUUID(), type, createdAt: new Date().toISOString(), data };
    const url = '/api/v1/payments/sandbox/webhooks';
    expect((await target().tell('payment', url, event.id, event)).status).toBe(204);
  }

  it('are cancelled by a dispute', async () => {
    const ada = await target().as('ada');
    const { order, sku } = await asked(ada);
    await report('charge.disputed', order);
    expect(await target().reaches(ada, order.id, 'cancelled')).toMatchObject({ disputed: true });
    await expectNothingKept(order, sku);
  });

  it('believe the provider, and no webhook', async () => {
    const [ada, ops] = await Promise.all([target().as('ada'), target().as('ops')]);
    const { order, page } = await asked(ada);
    await report('charge.authorized', order);
    await report('charge.declined', order);
    expect((await ada.order(order.id)).payment.status).toBe('requires_action');
    const path = { id: order.id };
    const again = await ops.api.POST('/api/v1/sagas/{id}/retry', { params: { path } });
    expect(again.response.status).toBe(202);
    expect((await ada.order(order.id)).payment.status).toBe('requires_action');
    await decide(page, 'decline');
    expect((await ada.settled(order.id)).status).toBe('rejected');
  });
}
