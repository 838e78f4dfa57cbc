import { randomBytes } from 'node:crypto';
import { expect, it } from '@jest/globals';
import { anOrderRequest } from '@waybill/testing';
import type { List, OrderView } from '../system/client.ts';
import { eventually } from '../system/eventually.ts';
import type { SystemUnderTest } from '../system/system-under-test.ts';

interface Change {
  readonly changeId: number;
  readonly id: string;
  readonly status: string;
}

interface JourneyItem {
  readonly name: string;
  readonly kind: string;
  readonly messageId: string;
  readonly causationId: string | null;
  readonly traceId: string;
  readonly broker: string;
  readonly channel: string;
}

/** An order from click to parcel, as customers, operators and carriers see it. */
export function firstOrderTests(system: () => SystemUnderTest): void {
  it('is accepted with its location, and confirmed, paid and booked while its customer waits', async () => {
    const ada = await system().as('ada');
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
    const ada = await system().as('ada');
    const { id, version } = await ada.buy();
    const events = await ada.all<{ type: string; version: number; changeId: number }>(
      `/api/v1/orders/${id}/events?limit=2`,
    );
    expect(events.map((event) => event.version)).toEqual(events.map((_, index) => index + 1));
    expect(events[0]?.type).toBe('placed');
    expect(events.map((event) => event.type)).toContain('confirmed');
    expect(events).toHaveLength(version);
  });

  it('shows its journey with every cause before its effect, over all services', async () => {
    const ada = await system().as('ada');
    const { id } = await ada.buy();
    const journey = await ada.get<List<JourneyItem> & { missing: string[] }>(
      `/api/v1/orders/${id}/journey`,
    );
    expect(journey.status).toBe(200);
    expect(journey.body.missing).toEqual([]);
    const { items } = journey.body;
    const names = items.map(({ name }) => name);
    for (const name of [
      'inventory.reserve-stock',
      'payment.authorize-payment',
      'shipping.book-shipment',
      'payment.capture-payment',
      'order.confirmed',
    ]) {
      expect(names).toContain(name);
    }
    const places = new Map(
      items.map(({ messageId }, index) => [messageId, index] as const).reverse(),
    );
    for (const [index, { causationId }] of items.entries()) {
      const cause = causationId === null ? undefined : places.get(causationId);
      if (cause !== undefined) expect(cause).toBeLessThan(index);
    }
  });

  it('can be followed by the trace of its customer, from the request to the last effect', async () => {
    const ada = await system().as('ada');
    const traceId = randomBytes(16).toString('hex');
    const headers = { traceparent: `00-${traceId}-00f067aa0ba902b7-01` };
    const placed = await ada.post<OrderView>('/api/v1/orders', anOrderRequest(), headers);
    await ada.settled(placed.body.id);
    const rows = await eventually('the announcement was heard', async () => {
      const path = `/api/v1/orders/${placed.body.id}/journey`;
      const { items } = (await ada.get<List<JourneyItem>>(path)).body;
      return items.some(({ kind }) => kind === 'announcement') && items;
    });
    expect(new Set(rows.map((row) => row.traceId))).toEqual(new Set([traceId]));
    for (const { broker, channel } of rows) expect([broker, channel]).not.toContain('');
  });

  it('answers a wait as soon as the order has left pending, and a short wait in time', async () => {
    const ada = await system().as('ada');
    const placed = await ada.placeOrder({ payment: { method: 'card', token: 'tok_slow' } });
    const early = await ada.order(placed.body.id, '1ms');
    expect(early.status).toBe('pending');
    const order = await ada.order(placed.body.id, '30s');
    expect(order.status).toBe('confirmed');
  });

  it('moves on as its carrier tells: shipped, then delivered', async () => {
    const ada = await system().as('ada');
    const { id } = await ada.buy();
    await system().sandboxes.moveParcel(id, 'picked_up');
    await system().reaches(ada, id, 'shipped');
    await system().sandboxes.moveParcel(id, 'delivered');
    const order = await system().reaches(ada, id, 'delivered');
    expect(order.shipments[0]?.status).toBe('delivered');
  });

  it('lists own orders page by page, the newest first, each once', async () => {
    const grace = await system().as('grace');
    const bought: string[] = [];
    for (let i = 0; i < 5; i += 1) bought.push((await grace.placeOrder()).body.id);
    const listed = await grace.all<{ id: string; customerId: string }>('/api/v1/orders?limit=2');
    expect(listed.map(({ id }) => id)).toEqual(bought.toReversed());
    expect(new Set(listed.map(({ customerId }) => customerId)).size).toBe(1);
    await Promise.all(bought.map((id) => grace.settled(id)));
    const confirmed = await grace.all<{ id: string }>('/api/v1/orders?status=confirmed');
    expect(confirmed.map(({ id }) => id)).toEqual(bought.toReversed());
  });

  it('feeds every change once in rising order to a reader that polls while orders come in', async () => {
    const [ada, grace, ops] = await Promise.all([
      system().as('ada'),
      system().as('grace'),
      system().as('ops'),
    ]);
    const read: Change[] = [];
    let placing = true;
    const reader = (async () => {
      for (let quiet = 0; quiet < 2; ) {
        const since = read.at(-1)?.changeId ?? 0;
        const page = await ops.get<List<Change>>(`/api/v1/orders?since_id=${since}&limit=200`);
        read.push(...page.body.items);
        quiet = placing || page.body.items.length > 0 ? 0 : quiet + 1;
      }
    })();
    const buyers = [ada, grace].flatMap((client) =>
      Array.from({ length: 15 }, async () => (await client.buy()).id),
    );
    const bought = await Promise.all(buyers);
    placing = false;
    await reader;
    const ids = read.map(({ changeId }) => changeId);
    expect(ids).toEqual([...new Set(ids)].sort((a, b) => a - b));
    const again = await ops.all<Change>('/api/v1/orders?since_id=0&limit=200');
    expect(again.map(({ changeId }) => changeId).slice(0, ids.length)).toEqual(ids);
    for (const id of bought) {
      expect(read.filter((change) => change.id === id).at(-1)?.status).toBe('confirmed');
    }
  });

  it('leaves every invariant intact', async () => {
    expect(await system().verify()).toEqual([]);
  });
}
