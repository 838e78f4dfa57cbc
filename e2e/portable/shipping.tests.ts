import { randomUUID } from 'node:crypto';
import { expect, it } from '@jest/globals';
import type { Schemas } from '@waybill/client';
import { anAddress } from '@waybill/testing';
import type { ProblemView } from '../system/client.ts';
import { EventReader } from '../system/event-reader.ts';
import { eventually } from '../system/eventually.ts';
import { carrierTells, parcelMoved } from './carrier.ts';
import type { Target } from './target.ts';

const quoteStream = '/api/v1/shipping/quotes/stream';

/** Quotes, labels, and the carriers' webhooks. */
export function shippingTests(target: () => Target): void {
  const quotesOf = async (lines: object[], address = anAddress()) => {
    const ada = await target().as('ada');
    const body = { lines, shippingAddress: address };
    // Inventory is asked for the weights, and is given a second.
    return ada.served(() => ada.post<Schemas['Quotes']>('/api/v1/shipping/quotes', body));
  };

  it('quotes what a parcel costs, the cheapest first', async () => {
    const { status, body } = await quotesOf([{ sku: target().usualSku, quantity: 2 }]);
    expect(status).toBe(200);
    const costs = body.quotes.map(({ cost }) => cost.amount);
    expect(costs.length + body.missing.length).toBeGreaterThan(0);
    expect(costs).toEqual([...costs].sort((a, b) => a - b));
    for (const cost of costs) expect(cost).toBeGreaterThan(0);
  });

  it('quotes nothing for what nobody lifts', async () => {
    const sku = await target().product(1, { weightGrams: 1_000_000 });
    const { status, body } = await quotesOf([{ sku, quantity: 999 }]);
    expect([status, body.quotes]).toEqual([200, []]);
  });

  it.each([
    ['an unknown product', [{ sku: 'NO-SUCH-SKU', quantity: 1 }], 422],
    ['a product on two lines', [1, 2].map((quantity) => ({ sku: '', quantity })), 422],
    ['nothing', [], 400],
    ['less than one', [{ sku: 'NO-SUCH-SKU', quantity: 0 }], 400],
  ])('refuses to quote %s', async (_, lines, status) => {
    const filled = lines.map((line) => ({ ...line, sku: line.sku || target().usualSku }));
    expect((await quotesOf(filled)).status).toBe(status);
  });

  it('tells what a parcel costs as each carrier answers, and then the end', async () => {
    const ada = await target().as('ada');
    const lines = [{ sku: target().usualSku, quantity: 2 }];
    const json = { lines, shippingAddress: anAddress() };
    const reader = await eventually('the stream opens', async () => {
      const opened = await EventReader.open<{ carrier: string }>(ada, quoteStream, { json });
      return opened.answer.statusCode === 200 && opened;
    });
    await eventually('the stream has ended', async () => reader.ended);
    const { body } = await quotesOf(lines);
    const carriers = new Set([...body.quotes.map(({ carrier }) => carrier), ...body.missing]);
    expect(new Set(reader.events.slice(0, -1).map(({ data }) => data.carrier))).toEqual(carriers);
    expect(reader.events.at(-1)?.event).toBe('end');
  });

  it.each([
    ['an unknown product', ['NO-SUCH-SKU'], 'unknown_sku'],
    ['a product on two lines', ['', ''], 'duplicate_sku'],
  ])(
    'quotes and streams no prices of %s, in the words that refuse the order',
    async (_, skus, code) => {
      const lines = skus.map((sku) => ({ sku: sku || target().usualSku, quantity: 1 }));
      const json = { lines, shippingAddress: anAddress() };
      const ada = await target().as('ada');
      const refusalOf = async (path: string, wish: object) => {
        const { status, body } = await ada.served(() => ada.post<ProblemView>(path, wish));
        return [status, body.code, body.detail];
      };
      const ofOrder = await refusalOf('/api/v1/orders', ada.request({ lines }));
      expect(ofOrder.slice(0, 2)).toEqual([422, code]);
      expect(await refusalOf('/api/v1/shipping/quotes', json)).toEqual(ofOrder);
      expect(await refusalOf(quoteStream, json)).toEqual(ofOrder);
    },
  );

  it('quotes and streams no prices to where no order goes, in the words that refuse the order', async () => {
    const ada = await target().as('ada');
    const lines = [{ sku: target().usualSku, quantity: 1 }];
    const shippingAddress = anAddress({ country: 'XX' });
    const quotes = await ada.post<ProblemView>('/api/v1/shipping/quotes', {
      lines,
      shippingAddress,
    });
    const stream = await ada.post<ProblemView>(quoteStream, { lines, shippingAddress });
    const order = await ada.post<ProblemView>(
      '/api/v1/orders',
      ada.request({ lines, shippingAddress }),
    );
    for (const { status, body } of [quotes, stream, order]) {
      const message = 'this shop does not deliver to XX';
      expect([status, body.code, body.detail]).toEqual([422, 'unknown_country', message]);
      expect(body.errors).toEqual([{ path: '/shippingAddress/country', message }]);
    }
  });

  it('prints the label of a parcel, as long as there is one', async () => {
    const ada = await target().as('ada');
    const shippingAddress = anAddress({ name: 'Ame\u0301lie Łukasz', city: 'Αθήνα' });
    const order = await ada.buy({ shippingAddress });
    expect(order.shippingAddress).toMatchObject({ name: 'Am\u00e9lie Łukasz', city: 'Αθήνα' });
    const [parcel] = order.shipments;
    expect(parcel?.labelUrl).toBe(`/api/v1/shipments/${parcel?.id}/label.pdf`);
    const label = await ada.get(parcel?.labelUrl ?? '');
    expect([label.status, label.headers.get('content-type')]).toEqual([200, 'application/pdf']);
    expect(label.bytes.subarray(0, 5).toString()).toBe('%PDF-');
    expect(label.bytes.toString('latin1')).toContain('+NotoSans-Bold');
    expect(label.headers.get('x-content-type-options')).toBe('nosniff');
    const payment = { method: 'card', token: 'tok_capture_fails' };
    const undone = await ada.buy({ payment });
    const gone = await ada.get<ProblemView>(undone.shipments[0]?.labelUrl ?? '');
    expect([gone.status, gone.body.code]).toEqual([409, 'no_label']);
  });

  it('moves a parcel as its carrier tells, in whatever order, each move once', async () => {
    const [ada, ops] = await Promise.all([target().as('ada'), target().as('ops')]);
    const order = await ada.buy();
    const early = await carrierTells(target(), order, 'in_transit');
    expect([early.status, early.body]).toEqual([202, { fate: 'held' }]);
    const isIt = (each: { orderId: string }) => each.orderId === order.id;
    const held = await ops.all(
      '/api/v1/shipments',
      { query: { state: 'unapplied', limit: 200 } },
      isIt,
    );
    expect(held.filter(isIt)).toHaveLength(1);
    const id = randomUUID();
    const first = await carrierTells(target(), order, 'picked_up', id);
    expect([first.status, first.body]).toEqual([202, { fate: 'applied' }]);
    const known = await carrierTells(target(), order, 'picked_up');
    expect([known.status, known.body]).toEqual([202, { fate: 'known' }]);
    expect((await carrierTells(target(), order, 'picked_up', id)).status).toBe(202);
    await carrierTells(target(), order, 'delivered');
    const delivered = await target().reaches(ada, order.id, 'delivered');
    expect(delivered.shipments.map(({ status }) => status)).toEqual(['delivered']);
    const path = { id: order.shipments[0]?.id ?? '' };
    const seen = await ops.read('/api/v1/shipments/{id}', { path });
    expect(seen).toMatchObject({ orderId: order.id, status: 'delivered' });
    expect(seen.facts.map(({ fate }) => fate)).toEqual(['applied', 'applied', 'applied']);
  });

  it('believes no carrier who does not sign', async () => {
    const ada = await target().as('ada');
    const order = await ada.buy();
    const path = `/api/v1/carriers/${order.shipments[0]?.carrier}/webhooks`;
    const event = parcelMoved(order, 'picked_up');
    const nobody = target().anonymous();
    const unsigned = await nobody.post<ProblemView>(path, event);
    expect([unsigned.status, unsigned.body.code]).toEqual([401, 'invalid_signature']);
    const forged: Record<string, string>[] = [
      { 'webhook-id': 'x', 'webhook-timestamp': '1', 'webhook-signature': 'v1,AAAA' },
      { 'webhook-id': 'x', 'webhook-timestamp': 'now', 'webhook-signature': '' },
      { 'webhook-id': 'x', 'webhook-timestamp': String(Date.now()) },
    ];
    for (const headers of forged) {
      expect((await nobody.post(path, event, headers)).status).toBe(401);
    }
    const foreign = await target().tell('payment', path, randomUUID(), event);
    expect(foreign.status).toBe(401);
    expect((await ada.order(order.id)).status).toBe('confirmed');
  });

  it('takes no signed webhook that contradicts itself, or is about no parcel', async () => {
    const ada = await target().as('ada');
    const order = await ada.buy();
    const carrier = order.shipments[0]?.carrier;
    const tell = (event: object, id: string = randomUUID()) =>
      target().tell<ProblemView>('carriers', `/api/v1/carriers/${carrier}/webhooks`, id, event);
    const shapeless = await tell({ type: 'shipment.moved' });
    expect([shapeless.status, shapeless.body.code]).toEqual([400, 'invalid_request']);
    const lost = await tell(parcelMoved(order, 'picked_up', { status: 'lost' }));
    expect(lost.status).toBe(400);
    for (const [event, id] of [
      [parcelMoved(order, 'picked_up', { carrier: 'nobody' }), randomUUID()],
      [parcelMoved(order, 'picked_up'), 'an id with spaces'],
    ] as const) {
      const answer = await tell(event, id);
      expect([answer.status, answer.body.code]).toEqual([422, 'invalid_webhook']);
    }
    for (const parts of [
      { operationId: `${randomUUID()}/book-shipment` },
      { operationId: 'nothing of ours' },
      { trackingNumber: 'XX000000000DE' },
    ]) {
      const answer = await tell(parcelMoved(order, 'picked_up', parts));
      expect([parts, answer.status, answer.body.code]).toEqual([parts, 404, 'unknown_shipment']);
    }
    expect((await ada.order(order.id)).status).toBe('confirmed');
  });
}
