import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { embeddedBroker } from '@waybill/embedded-broker';
import { until } from '@waybill/messaging/testing';
import { textOfPdf } from '@waybill/pdf/testing';
import { HotSagas1795960000001 } from '@waybill/saga';
import type { RunningService } from '@waybill/service';
import {
  columnsInIndexes,
  downAndUp,
  schemaChanges,
  type TestDatabase,
  testDatabase,
} from '@waybill/testing';
import { orderStatuses } from './domain/order.ts';
import { stageOf } from './domain/order-stage.ts';
import { orderAnswer } from './http/orders.answers.ts';
import { HotOrders1795960000002 } from './storage/migrations/1795960000002-hot-orders.ts';
import { Disputes1795990000001 } from './storage/migrations/1795990000001-disputes.ts';
import { Returns1796500000001 } from './storage/migrations/1796500000001-returns.ts';
import { orderInvariants } from './storage/order.invariants.ts';
import { orderStorage } from './storage/order.storage.ts';
import { AnsweringNeighbours } from './testing/answering-neighbours.ts';
import { address } from './testing/order.fixtures.ts';
import { startOrders } from './testing/order-service.ts';

const broker = embeddedBroker();
const neighbours = new AnsweringNeighbours(broker);
let database: TestDatabase;
let service: RunningService;

beforeAll(async () => {
  database = await testDatabase(orderStorage);
  await neighbours.start();
  service = await startOrders(broker, database, {
    SELLER_NAME: 'Long Trading',
    SELLER_LINE: 'Quay 7',
    SELLER_CITY: '1010 Wien',
    SELLER_VAT_ID: 'ATU13585627',
    SHOP_TIME_ZONE: timeZone,
  });
}, 60_000);
afterAll(async () => {
  await service?.close();
  await broker.close();
  await database?.close();
});

/** A zone in which it is not the day of Berlin, nor of UTC. */
const timeZone = new Date().getUTCHours() < 12 ? 'Etc/GMT+12' : 'Pacific/Kiritimati';

const body = {
  lines: [{ sku: 'LAPTOP-13', quantity: 1 }],
  shippingAddress: address,
  shippingMethod: 'standard',
  payment: { method: 'card', token: 'tok_visa' },
  note: null,
};
const post = (payload: object, headers: Record<string, string> = {}, as = 'ada') =>
  service.app.inject({
    method: 'POST',
    url: '/api/v1/orders',
    payload,
    headers: { authorization: `Bearer ${as}`, ...headers },
  });
/** As `post`, and again while the machine is too busy for inventory to answer within its 300 ms. */
async function served(payload: object) {
  for (;;) {
    const answer = await post(payload);
    if (answer.statusCode !== 503) return answer;
  }
}
const get = (url: string, as = 'ada') =>
  service.app.inject({ method: 'GET', url, headers: { authorization: `Bearer ${as}` } });
const placed = async (as = 'ada'): Promise<string> => (await post(body, {}, as)).json().id;
/** The id of an order that is settled. */
async function settled(as: string, token = 'tok_visa'): Promise<string> {
  const { id } = (await post({ ...body, payment: { method: 'card', token } }, {}, as)).json();
  await get(`/api/v1/orders/${id}?wait=10s`, as);
  return id;
}
const idsOf = async (url: string, as: string): Promise<string[]> =>
  (await get(url, as)).json().items.map(({ id }: { id: string }) => id);

describe('orders of a service on a real database', () => {
  it('wait for inventory when their product is not known, and say so', async () => {
    const away = await post(body);

    expect(away.statusCode).toBe(503);
    expect(away.headers['retry-after']).toBe('2');
    await neighbours.openCatalogue();
    const unknown = await served({ ...body, lines: [{ sku: 'NOTHING', quantity: 1 }] });
    expect(unknown.statusCode).toBe(422);
    expect(unknown.json()).toMatchObject({
      code: 'unknown_sku',
      errors: [{ path: '/lines/0/sku' }],
    });
  });

  it('are accepted, confirmed, and shown to their owner and to operators alone', async () => {
    const accepted = await served(body);
    expect(accepted.statusCode).toBe(202);
    const order = accepted.json();
    expect(accepted.headers['location']).toBe(`/api/v1/orders/${order.id}`);

    const found = await get(`/api/v1/orders/${order.id}?wait=10s`);
    expect(found.json()).toMatchObject({
      ...order,
      status: 'confirmed',
      payment: { status: 'captured', captured: order.total },
      shipments: [{ status: 'booked', carrier: 'swift' }],
      // Issued a moment later.
      invoices: expect.any(Array),
      updatedAt: expect.any(String),
      version: 5,
    });
    expect(orderAnswer.safeParse(found.json()).error).toBeUndefined();
    expect((await get(`/api/v1/orders/${order.id}`, 'ops')).statusCode).toBe(200);
    expect((await get(`/api/v1/orders/${order.id}`, 'grace')).statusCode).toBe(404);
    expect((await get('/api/v1/orders/none')).statusCode).toBe(404);
  });

  it('have the same bytes for the same key and body, and are refused for another', async () => {
    const headers = { 'idempotency-key': 'once' };
    const [one, two] = await Promise.all([post(body, headers), post(body, headers)]);
    const again = await post({ ...body, note: undefined }, headers);
    const other = await post({ ...body, note: 'quick' }, headers);

    expect([two.body, again.body]).toEqual([one.body, one.body]);
    expect(again.headers['idempotency-replayed']).toBe('true');
    expect(other.json()).toMatchObject({ status: 422, code: 'idempotency_key_reused' });
  });

  it.each([
    [{ ...body, lines: [] }, '/lines'],
    [{ ...body, extra: 1 }, '/extra'],
    [{ ...body, lines: [{ sku: 'MUG', quantity: 0 }] }, '/lines/0/quantity'],
    [{ ...body, shippingAddress: { ...address, country: 'Germany' } }, '/shippingAddress/country'],
    [{ ...body, note: 'x'.repeat(501) }, '/note'],
  ])('are malformed when a field is, and name it', async (payload, path) => {
    const refused = await post(payload);

    expect(refused.statusCode).toBe(400);
    expect(refused.json().errors).toMatchObject([{ path }]);
  });

  it('are listed the newest first, page by page', async () => {
    const ids = [await placed('linus'), await placed('linus'), await placed('linus')].reverse();
    const first = (await get('/api/v1/orders?limit=2', 'linus')).json();
    const rest = (await get(`/api/v1/orders?limit=2&cursor=${first.nextCursor}`, 'linus')).json();

    expect([...first.items, ...rest.items].map(({ id }: { id: string }) => id)).toEqual(ids);
    expect(rest.nextCursor).toBeNull();
    expect((await get('/api/v1/orders?customerId=linus', 'ops')).json().items).toHaveLength(3);
    expect((await get('/api/v1/orders?customerId=linus', 'ada')).statusCode).toBe(403);
    expect((await get('/api/v1/orders?limit=0')).statusCode).toBe(400);
    expect((await get('/api/v1/orders?status=lost')).statusCode).toBe(400);
    expect((await get('/api/v1/orders?cursor=x')).statusCode).toBe(400);
  });

  it('are listed by what became of them and by whose they are', async () => {
    const confirmed = await settled('maria');
    const rejected = await settled('maria', 'tok_declined');
    const others = await settled('hedy', 'tok_declined');

    expect(await idsOf('/api/v1/orders', 'maria')).toEqual([rejected, confirmed]);
    expect(await idsOf('/api/v1/orders?status=confirmed', 'maria')).toEqual([confirmed]);
    expect(await idsOf('/api/v1/orders?status=rejected', 'maria')).toEqual([rejected]);
    expect(await idsOf('/api/v1/orders?status=shipped', 'maria')).toEqual([]);
    expect(await idsOf('/api/v1/orders?status=rejected', 'ops')).toEqual([others, rejected]);
    expect(await idsOf('/api/v1/orders?status=rejected&customerId=hedy', 'ops')).toEqual([others]);
    expect(await idsOf(`/api/v1/orders?status=rejected&limit=1`, 'ops')).toEqual([others]);
    expect(new Set(await idsOf('/api/v1/orders?since_id=0&customerId=hedy', 'ops'))).toEqual(
      new Set([others]),
    );
  });

  it('have a feed of every change, in order, for who may see them', async () => {
    const id = await placed('barbara');
    await get(`/api/v1/orders/${id}?wait=10s`, 'barbara');
    // Issues the invoice, so that the order looks the same from here on.
    await get(`/api/v1/orders/${id}/invoice.pdf`, 'barbara');
    const feed = (await get('/api/v1/orders?since_id=0', 'barbara')).json().items;
    const changes = feed.map((each: { change: { type: string } }) => each.change.type);
    const last = feed.at(-1).changeId;

    expect(changes).toEqual([
      'placed',
      'payment-authorized',
      'shipment-booked',
      'payment-captured',
      'confirmed',
    ]);
    expect((await get(`/api/v1/orders?since_id=${last}`, 'barbara')).json()).toEqual({
      items: [],
      nextCursor: null,
    });
    const second = feed.at(1).changeId;
    const page = (await get('/api/v1/orders?since_id=0&limit=1', 'barbara')).json();
    const on = `/api/v1/orders?since_id=${second}&cursor=${page.nextCursor}`;
    expect((await get(on, 'barbara')).json().items).toEqual(feed.slice(2));
    const history = (await get(`/api/v1/orders/${id}/events?limit=2`, 'barbara')).json();
    expect(history.items.map(({ version }: { version: number }) => version)).toEqual([1, 2]);
    expect(history.nextCursor).not.toBeNull();
  });

  it('have a feed of those with a status, as they are now', async () => {
    const confirmed = await settled('emmy');
    const rejected = await settled('emmy', 'tok_declined');
    await get(`/api/v1/orders/${confirmed}/invoice.pdf`, 'emmy');
    const feed = async (query: string, token = 'emmy') => {
      const path = `/api/v1/orders?since_id=0&limit=200${query}`;
      const { items } = (await get(path, token)).json();
      return items as { id: string; status: string; changeId: number }[];
    };
    const all = await feed('');
    for (const [status, id] of [
      ['confirmed', confirmed],
      ['rejected', rejected],
    ]) {
      const found = await feed(`&status=${status}`);
      expect(found).toEqual(all.filter((each) => each.status === status));
      expect(new Set(found.map((each) => each.id))).toEqual(new Set([id]));
      expect(await feed(`&status=${status}&customerId=emmy&reason=a+test`, 'ops')).toEqual(found);
    }
    expect(await feed('&status=shipped')).toEqual([]);
    const [first, ...rest] = await feed('&status=confirmed');
    const path = '/api/v1/orders?since_id=0&status=confirmed';
    const { nextCursor } = (await get(`${path}&limit=1`, 'emmy')).json();
    const { items } = (await get(`${path}&cursor=${nextCursor}`, 'emmy')).json();
    expect(items).toEqual(rest);
    expect((await get(`/api/v1/orders?since_id=0&cursor=${nextCursor}`, 'emmy')).statusCode).toBe(
      400,
    );
    const since = `/api/v1/orders?since_id=${first?.changeId}&status=confirmed`;
    expect((await get(since, 'emmy')).json().items).toEqual(rest);
  });

  it('have an invoice as soon as they are confirmed and somebody asks, and a credit note when refunded', async () => {
    const id = await settled('noether');
    const invoice = await get(`/api/v1/orders/${id}/invoice.pdf`, 'noether');
    expect([invoice.statusCode, invoice.headers['content-type']]).toEqual([200, 'application/pdf']);
    const seller = ['Long Trading', 'Quay 7', '1010 Wien', 'ATU13585627'];
    for (const each of seller) expect(textOfPdf(invoice.rawPayload)).toContain(each);
    const { rows } = await database.pool.query(
      `select document->>'issuedOn' as day, to_char(issued_at at time zone $2, 'YYYY-MM-DD') as there
        from invoices where order_id = $1`,
      [id, timeZone],
    );
    expect(rows).toEqual([{ day: rows[0].there, there: expect.any(String) }]);
    const path = `/api/v1/orders/${id}/cancel`;
    const headers = { authorization: 'Bearer noether' };
    await service.app.inject({ method: 'POST', url: path, payload: { reason: 'late' }, headers });
    const order = async () => (await get(`/api/v1/orders/${id}`, 'noether')).json();
    await until(async () => (await order()).invoices.length === 2);
    const { total, invoices } = await order();

    const [number] = textOfPdf(invoice.rawPayload).match(/\d{4}-\d{6}/) ?? [];
    expect(invoices).toMatchObject([
      { number, kind: 'invoice', total, url: `/api/v1/orders/${id}/invoice.pdf` },
      { kind: 'credit_note', total },
    ]);
    const creditNote = await get(invoices[1].url, 'noether');
    expect(textOfPdf(creditNote.rawPayload).split('\n')).toEqual(
      expect.arrayContaining(['Credit note', invoices[1].number, number]),
    );
    expect((await get(invoices[1].url, 'ops')).statusCode).toBe(200);
    for (const url of invoices.map((each: { url: string }) => each.url)) {
      expect((await get(url, 'grace')).json().code).toBe('not_found');
    }
    const change = database.pool.query(`update invoices set total = 1 where number = $1`, [number]);
    await expect(change).rejects.toThrow('invoices are never changed or deleted');
  });

  it('have no invoice before they are confirmed, nor a credit note of another name', async () => {
    const id = await settled('hopper', 'tok_declined');
    const refused = await get(`/api/v1/orders/${id}/invoice.pdf`, 'hopper');

    expect([refused.statusCode, refused.json().code]).toEqual([404, 'no_invoice']);
    expect(refused.json().detail).toContain('is rejected and has no invoice');
    for (const number of ['C2026-999999', '2026-000001', "C'--", 'x']) {
      const missing = await get(`/api/v1/credit-notes/${number}.pdf`, 'ops');
      expect([number, missing.statusCode]).toEqual([number, 404]);
    }
  });

  it('have sagas that operators see, without what they carry', async () => {
    const id = await placed();
    await get(`/api/v1/orders/${id}?wait=10s`);
    const saga = (await get(`/api/v1/sagas/${id}`, 'ops')).json();

    expect(saga).toMatchObject({ id: `place-order:${id}`, orderId: id });
    expect(JSON.stringify(saga)).not.toContain('tok_visa');
    expect((await get('/api/v1/sagas?state=completed&limit=1', 'ops')).json().items).toHaveLength(
      1,
    );
    expect((await get('/api/v1/sagas?stuckFor=1h', 'ops')).json().items).toEqual([]);
    expect((await get('/api/v1/sagas')).statusCode).toBe(403);
  });

  it('are given up by the timers of the service when nobody answers', async () => {
    neighbours.silentFor = 1;
    const id = await placed();
    await database.shiftClock(3_600_000);

    const found = (await get(`/api/v1/orders/${id}?wait=10s`)).json();
    expect(found).toMatchObject({ status: 'rejected', reason: 'timed_out' });
    await database.shiftClock(0);
  });

  it('keep every invariant once they are settled', async () => {
    await service.consumer.stop();

    expect(await orderInvariants(database.dataSource)).toEqual([]);
  });
});

it('has the tables that its entities are', async () => {
  expect(await schemaChanges(database.dataSource)).toEqual([]);
});

describe('the tables of orders and sagas', () => {
  it('keep every row on the way to the release before and back', async () => {
    const hot = [
      new HotSagas1795960000001(),
      new HotOrders1795960000002(),
      new Disputes1795990000001(),
      new Returns1796500000001(),
    ];
    const { before, down, up } = await downAndUp(database, orderStorage, hot);
    const orders = before['orders'] as { disputed?: boolean; returns?: unknown }[];
    expect(orders.length).toBeGreaterThan(0);
    const earlier = orders.map(({ disputed: _, returns: __, ...order }) => order);
    expect(down).toEqual({ ...before, orders: earlier });
    expect(up).toEqual(before);
    expect(await schemaChanges(database.dataSource)).toEqual([]);
  });

  it('have no index of what the steps of an order change', async () => {
    expect(await columnsInIndexes(database, 'orders')).toEqual([
      'customer_id',
      'id',
      'returns',
      'stage',
    ]);
    expect(await columnsInIndexes(database, 'sagas')).toEqual(['id', 'phase', 'started_at']);
  });

  it('know the stage of every status', async () => {
    const client = await database.pool.connect();
    await client.query('begin');
    for (const status of orderStatuses) {
      const { rows } = await client.query(
        `update orders set status = $1, reason = case $1 when 'rejected' then 'out_of_stock' end
        where id = (select min(id::text)::uuid from orders) returning stage`,
        [status],
      );
      expect([status, rows[0]?.stage]).toEqual([status, stageOf(status)]);
    }
    await client.query('rollback');
    client.release();
  });
});
