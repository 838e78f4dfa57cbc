import { randomUUID } from 'node:crypto';
import { expect, it } from '@jest/globals';
import type { Client, OrderView, ProblemView } from '../system/client.ts';
import { eventually } from '../system/eventually.ts';
import { carrierTells } from './carrier.ts';
import { moneyOf } from './promises.ts';
import type { Target } from './target.ts';

const paymentOf = (operator: Client, { id }: OrderView) =>
  operator.read('/api/v1/payments/{orderId}', { path: { orderId: id } });

/** Payments, as operators see them and as the provider reports them. */
export function paymentTests(target: () => Target): void {
  /** The sandbox provider's webhook event for a paid order. */
  const chargeEvent = (order: OrderView, chargeId: string, parts: object = {}) => ({
    id: randomUUID(),
    type: 'charge.captured',
    createdAt: new Date().toISOString(),
    data: {
      operationId: `${order.id}/capture-payment`,
      orderId: order.id,
      chargeId,
      ...order.total,
      ...parts,
    },
  });

  const tell = (event: { readonly id: string }, id = event.id) =>
    target().tell<ProblemView>('payment', '/api/v1/payments/sandbox/webhooks', id, event);

  it('shows the payment of an order with its ledger', async () => {
    const [ada, ops] = await Promise.all([target().as('ada'), target().as('ops')]);
    const order = await ada.buy();
    const body = await paymentOf(ops, order);
    expect(body).toMatchObject({ orderId: order.id, status: 'captured', captured: order.total });
    expect(await moneyOf(ops, order.id)).toMatchObject({ sum: 0, left: ['provider_balance'] });
  });

  it('lists those that wait for their provider, and nothing else', async () => {
    const ops = await target().as('ops');
    const { items } = await ops.read('/api/v1/payments', { query: { state: 'unsettled' } });
    expect((await ops.get('/api/v1/payments/flags?flag=lost')).status).toBe(400);
    for (const each of items) expect(each.status).toBe('void_pending');
    for (const query of ['', '?state=settled', '?state=']) {
      expect((await ops.get(`/api/v1/payments${query}`)).status).toBe(400);
    }
  });

  it('takes what the provider tells, and what it cannot use as well, so that it is not sent again', async () => {
    const [ada, ops] = await Promise.all([target().as('ada'), target().as('ops')]);
    const order = await ada.buy();
    const body = await paymentOf(ops, order);
    const event = chargeEvent(order, body.chargeId ?? '');
    for (const each of [event, event, { ...event, id: randomUUID(), type: 'payout.paid' }]) {
      expect((await tell(each)).status).toBe(204);
    }
    expect(await paymentOf(ops, order)).toEqual(body);
  });

  const dispute = async (order: OrderView, orderId = order.id): Promise<string> => {
    const event = { ...chargeEvent(order, 'ch_1', { orderId }), type: 'charge.disputed' };
    expect((await tell(event)).status).toBe(204);
    return event.id;
  };

  it('flags a payment that its customer disputes, and cancels the order, which is refunded once', async () => {
    const [ada, ops] = await Promise.all([target().as('ada'), target().as('ops')]);
    const order = await ada.buy();
    expect(order.disputed).toBe(false);
    const eventId = await dispute(order);
    const secondId = await dispute(order);
    const cancelled = await target().reaches(ada, order.id, 'cancelled');
    expect(cancelled).toMatchObject({ disputed: true, cancelReason: 'the payment is disputed' });
    expect(await moneyOf(ops, order.id)).toMatchObject({ left: [], twice: [] });
    expect(cancelled.payment).toMatchObject({ status: 'refunded', refunded: order.total });
    await eventually('the payment is flagged by both', async () => {
      const { flags } = await paymentOf(ops, order);
      const isBy = (id: string) =>
        flags.some((each) => each.flag === 'dispute' && each.eventId === id);
      return isBy(eventId) && isBy(secondId);
    });
    const isIt = ({ orderId }: { orderId: string | null }) => orderId === order.id;
    const disputed = { query: { state: 'disputed' } } as const;
    const payments = await ops.all('/api/v1/payments', disputed, isIt);
    expect(payments.filter(isIt)).toHaveLength(1);
    for (const query of [{ flag: 'dispute' }, { limit: 200 }] as const) {
      const flags = await ops.all('/api/v1/payments/flags', { query }, isIt);
      expect([query, flags.filter(isIt).length]).toEqual([query, 2]);
    }
  });

  it('shows operators a dispute of an order that nobody placed', async () => {
    const [ada, ops] = await Promise.all([target().as('ada'), target().as('ops')]);
    const eventId = await dispute(await ada.buy(), randomUUID());
    await eventually('it is flagged', async () => {
      const flags = await ops.all('/api/v1/payments/flags', { query: { flag: 'dispute' } });
      return flags.some((each) => each.eventId === eventId);
    });
  });

  it('shows a dispute on an order whose parcel has left, and leaves it on its way', async () => {
    const ada = await target().as('ada');
    const order = await ada.buy();
    await carrierTells(target(), order, 'picked_up');
    await target().reaches(ada, order.id, 'shipped');
    await dispute(order);
    await eventually('the order shows it', async () => (await ada.order(order.id)).disputed);
    const { status, payment, cancelReason } = await ada.order(order.id);
    expect([status, payment.status, cancelReason]).toEqual(['shipped', 'captured', null]);
  });

  it('believes no provider that does not sign', async () => {
    const order = await (await target().as('ada')).buy();
    const event = chargeEvent(order, 'ch_1');
    const path = '/api/v1/payments/sandbox/webhooks';
    const unsigned = await target().anonymous().post<ProblemView>(path, event);
    expect([unsigned.status, unsigned.body.code]).toEqual([401, 'invalid_signature']);
    expect((await target().tell('carriers', path, event.id, event)).status).toBe(401);
  });

  it('refuses a signed event that is none', async () => {
    const order = await (await target().as('ada')).buy();
    const event = chargeEvent(order, 'ch_1');
    const contradicts = await tell(event, randomUUID());
    expect([contradicts.status, contradicts.body.code]).toEqual([400, 'invalid_request']);
    for (const data of [
      {},
      { ...event.data, amount: -1 },
      { ...event.data, amount: 1e308 },
      { ...event.data, currency: 'euro' },
    ]) {
      expect((await tell({ ...event, data } as typeof event)).status).toBe(400);
    }
  });
}
