import { randomBytes } from 'node:crypto';
import { expect, it } from '@jest/globals';
import { anAddress } from '@waybill/testing';
import type { OrderView } from '../system/client.ts';
import { eventually } from '../system/eventually.ts';
import { carrierTells } from './carrier.ts';
import type { Target } from './target.ts';

/** An order from the request to the parcel, as customers, operators and carriers see it. */
export function firstOrderTests(target: () => Target): void {
  it('is accepted with its location, and confirmed, paid and booked while its customer waits', async () => {
    const ada = await target().as('ada');
    const placed = await ada.placeOrder();
    expect(placed.status).toBe(202);
    expect(placed.headers.get('location')).toBe(`/api/v1/orders/${placed.body.id}`);
    expect(placed.body).toMatchObject({ status: 'pending', reason: null, version: 1 });
    const order = await ada.settled(placed.body.id);
    expect(order.status).toBe('confirmed');
    expect(order.payment).toMatchObject({ status: 'captured', captured: order.total });
    expect(order.shipments).toHaveLength(1);
    const { subtotal, shippingCost, tax, total } = order;
    expect(total.amount).toBe(subtotal.amount + shippingCost.amount + tax.amount);
  });

  it('tells its history, each event once and in order', async () => {
    const ada = await target().as('ada');
    const { id, version } = await ada.buy();
    const events = await ada.all('/api/v1/orders/{id}/events', {
      path: { id },
      query: { limit: 2 },
    });
    expect(events.map((event) => event.version)).toEqual(events.map((_, index) => index + 1));
    expect(events[0]?.type).toBe('placed');
    expect(events.map((event) => event.type)).toContain('confirmed');
    expect(events).toHaveLength(version);
  });

  it('is at each version what its history had made of it, and at the last what it is now', async () => {
    const ada = await target().as('ada');
    const { id, version: last } = await ada.buy();
    const versions = Array.from({ length: last }, (_, i) => i + 1);
    const path = { id };
    const orders = await Promise.all(
      versions.map((version) => ada.read('/api/v1/orders/{id}', { path, query: { version } })),
    );
    expect(orders.map(({ version }) => version)).toEqual(versions);
    expect(orders[0]).toMatchObject({ status: 'pending', payment: { status: 'pending' } });
    expect(orders.at(-1)).toEqual(await ada.read('/api/v1/orders/{id}', { path }));
    expect((await ada.get(`/api/v1/orders/${id}?version=${last + 1}`)).status).toBe(404);
  });

  it('shows its journey with every cause before its effect, over all services', async () => {
    const ada = await target().as('ada');
    const { id } = await ada.buy();
    // Services that only subscribe to its events receive them a moment after it is confirmed.
    const items = await eventually('the confirmation was received', async () => {
      const journey = await ada.read('/api/v1/orders/{id}/journey', { path: { id } });
      expect(journey.missing).toEqual([]);
      return journey.items.some(({ name }) => name === 'order.confirmed') && journey.items;
    });
    const names = items.map(({ name }) => name);
    for (const name of [
      'inventory.reserve-stock',
      'payment.authorize-payment',
      'shipping.book-shipment',
      'payment.capture-payment',
      'order.confirmed',
      'place-order.capture-payment.succeeded',
      'place-order.completed',
    ]) {
      expect(names).toContain(name);
    }
    const calls = items.filter(({ kind }) => kind === 'effect');
    expect(calls.map(({ name, to }) => [name, to])).toEqual(
      expect.arrayContaining([
        ['payment.authorize-payment.call', 'payment-provider'],
        ['payment.capture-payment.call', 'payment-provider'],
        ['shipping.book-at-carrier.call', 'carriers'],
      ]),
    );
    const places = new Map(
      items.map(({ messageId }, index) => [messageId, index] as const).reverse(),
    );
    for (const [index, { causationId }] of items.entries()) {
      const cause = causationId === null ? undefined : places.get(causationId);
      if (cause !== undefined) expect(cause).toBeLessThan(index);
    }
  });

  it('is brought to the notice of operators if it is of high value and leaves Europe', async () => {
    const [ops, ada] = [await target().as('ops'), await target().as('ada')];
    const price = { amount: 100_000, currency: 'EUR' };
    const lines = [{ sku: await target().product(5, { price, weightGrams: 100 }), quantity: 1 }];
    const groupsOf = async (country: string) => {
      const { id } = await ada.buy({ lines, shippingAddress: anAddress({ country }) });
      return async () => {
        const rows = await ops.all('/api/v1/orders/{id}/journey', { path: { id } });
        return rows.map(({ group }) => group);
      };
    };
    const [near, far] = [await groupsOf('FR'), await groupsOf('US')];
    await eventually('operators are to be informed', async () =>
      (await far()).includes('notification.customs'),
    );
    await eventually('the other one was announced', async () =>
      (await near()).includes('analytics.orders'),
    );
    expect(await near()).not.toContain('notification.customs');
  });

  it('can be followed by the trace of its customer, from the request to the last effect', async () => {
    const ada = await target().as('ada');
    const traceId = randomBytes(16).toString('hex');
    const headers = { traceparent: `00-${traceId}-00f067aa0ba902b7-01` };
    const placed = await ada.served(() =>
      ada.post<OrderView>('/api/v1/orders', ada.request(), headers),
    );
    await ada.settled(placed.body.id);
    const rows = await eventually('the announcement was received', async () => {
      const path = { id: placed.body.id };
      const { items } = await ada.read('/api/v1/orders/{id}/journey', { path });
      return items.some(({ kind }) => kind === 'announcement') && items;
    });
    expect(new Set(rows.map((row) => row.traceId))).toEqual(new Set([traceId]));
    for (const { broker, channel } of rows) expect([broker, channel]).not.toContain('');
    expect(rows.filter(({ kind }) => kind === 'http')).toMatchObject([
      { name: 'order.accept-order', broker: 'local', channel: 'order.local' },
    ]);
  });

  it('answers a wait as soon as the order has left pending, and a short wait in time', async () => {
    const ada = await target().as('ada');
    const placed = await eventually('a short wait is over before the order is paid', async () => {
      const { body } = await ada.placeOrder({ payment: { method: 'card', token: 'tok_slow' } });
      return (await ada.order(body.id, '1ms')).status === 'pending' && body;
    });
    const order = await ada.order(placed.id, '30s');
    expect(order.status).toBe('confirmed');
  });

  it('moves on as its carrier tells: shipped, then delivered', async () => {
    const ada = await target().as('ada');
    const order = await ada.buy();
    expect((await carrierTells(target(), order, 'picked_up')).status).toBe(202);
    await target().reaches(ada, order.id, 'shipped');
    await carrierTells(target(), order, 'in_transit');
    await carrierTells(target(), order, 'delivered');
    const delivered = await target().reaches(ada, order.id, 'delivered');
    expect(delivered.shipments[0]?.status).toBe('delivered');
  });
}
