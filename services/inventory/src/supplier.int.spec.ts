import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type Carriers, startCarriers } from '@waybill/carriers';
import { channelOf, encode, type Message, newId, ReserveStock, wrap } from '@waybill/contracts';
import { embeddedBroker } from '@waybill/embedded-broker';
import { oneBroker } from '@waybill/messaging';
import { type RunningService, startService } from '@waybill/service';
import { type TestDatabase, testDatabase } from '@waybill/testing';
import { signedHeaders } from '@waybill/webhooks';
import { InventoryModule } from './inventory.module.ts';
import { inventoryInvariants } from './storage/inventory.invariants.ts';
import { inventoryStorage } from './storage/inventory.storage.ts';
import type { StockView } from './storage/stock.repository.ts';

const apiKey = 'a-key-for-the-supplier';
const secret = `whsec_${Buffer.alloc(32, 5).toString('base64')}`;

let folder: string;
let database: TestDatabase;
let service: RunningService;
let supplier: Carriers;
const broker = embeddedBroker();

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'inventory-'));
  database = await testDatabase(inventoryStorage);
  const dataFile = join(folder, 'ledger');
  supplier = await startCarriers({
    ...{ dataFile, port: 0, apiKey, deliversAfter: 0, firstWebhookRetry: 20 },
  });
  service = await startService(InventoryModule, {
    env: {
      DATABASE_URL: database.url,
      LOG_LEVEL: 'silent',
      AUTO_RESTOCK: 'true',
      SUPPLIER_URL: supplier.url,
      SUPPLIER_API_KEY: apiKey,
      SUPPLIER_WEBHOOK_SECRET: secret,
      SUPPLIER_REVIEW_AFTER: '1s',
      SUPPLIER_REVIEW_EVERY: '100ms',
    },
    brokers: oneBroker(broker),
    migrate: true,
    listen: { host: '127.0.0.1', port: 0 },
    tokenVerifier: {
      verify: (token) => ({ id: token, roles: ['operator'], name: token, email: '' }),
    },
  });
  supplier.sendDeliveriesTo({ url: `${service.url}/api/v1/suppliers/{supplier}/webhooks`, secret });
}, 60_000);
afterAll(async () => {
  await service?.close();
  await supplier?.close();
  await broker.close();
  await database?.close();
  await rm(folder, { recursive: true });
});
beforeEach(() => faults({}));

const faults = (body: object) =>
  fetch(`${supplier.url}/faults/granary`, {
    method: 'PUT',
    headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });

const publish = (message: Message): Promise<void> => {
  const id = newId();
  const cause = { id, correlationId: id, traceparent: null };
  const envelope = wrap(message, { cause, source: 'order', now: new Date(), name: 'test' });
  const outgoing = { channel: channelOf(message.contract), envelope, body: encode(envelope) };
  return new Promise((resolve, reject) => {
    broker.publish([outgoing], (_, error) => (error ? reject(error) : resolve()));
  });
};

const headers = { authorization: 'Bearer ops' };
const stockOf = async (sku: string): Promise<StockView> =>
  (await service.app.inject({ url: `/api/v1/inventory/${sku}`, headers })).json();

/** The stock of a product once its replenishment is so. */
async function reached(sku: string, is: (found: StockView) => boolean): Promise<StockView> {
  for (;;) {
    const found = await stockOf(sku);
    if (is(found)) return found;
  }
}
const restocked = (sku: string) =>
  reached(
    sku,
    ({ replenishment }) => replenishment?.status === 'idle' && replenishment.requestId !== null,
  );

const send = (method: 'PUT' | 'POST', url: string, payload: object) =>
  service.app.inject({ method, url: `/api/v1/${url}`, headers, payload });

/** A new product, of which an order takes all units but two. */
async function isLow(sku: string): Promise<void> {
  await send('PUT', `products/${sku}`, {
    ...{ name: sku, description: '', category: 'Test', imageUrl: '/images/mug.svg' },
    ...{ price: { amount: 500, currency: 'EUR' }, weightGrams: 10 },
  });
  await send('POST', `inventory/${sku}/restock`, { quantity: 30 });
  await publish(ReserveStock({ orderId: newId(), lines: [{ sku, quantity: 28 }] }));
}

/** The answer to a webhook as the supplier signs it. */
async function deliver(data: object, more: { secret?: string; path?: string; id?: string } = {}) {
  const body = JSON.stringify({ type: 'goods.delivered', data });
  const url = `/api/v1/suppliers/${more.path ?? 'granary'}/webhooks`;
  const webhook = { id: more.id ?? newId(), body };
  const signed = signedHeaders(more.secret ?? secret, webhook, new Date());
  const answer = await service.app.inject({
    method: 'POST',
    url,
    headers: { ...signed, 'content-type': 'application/json' },
    payload: body,
  });
  return [answer.statusCode, answer.json().code ?? answer.json().fate];
}

describe('low stock', () => {
  it('is ordered at the supplier, delivered and taken in once, without an orchestrator', async () => {
    await faults({ webhookCopies: 3, loseBookings: 0.5 });
    await isLow('JAR');
    const { replenishment, available } = await restocked('JAR');
    expect(available).toBe(2 + (replenishment?.quantity ?? 0));
    expect(replenishment).toMatchObject({
      status: 'idle',
      order: { supplier: 'granary', status: 'delivered', refusal: null, overdue: false },
    });
    const [order] = supplier.orders().filter(({ sku }) => sku === 'JAR');
    expect(order).toMatchObject({ orderId: replenishment?.requestId });
  });

  it('waits for a supplier that is away, and is nobody’s dead letter', async () => {
    await faults({ down: true });
    await isLow('LAMP');
    const { replenishment } = await reached(
      'LAMP',
      (found) => found.replenishment?.order?.overdue === true,
    );
    expect(replenishment).toMatchObject({ status: 'requested', order: { status: 'requested' } });
    await faults({});
    await restocked('LAMP');
    const [dead] = await service.dataSource.query('select count(*)::int as n from dead_letter');
    expect(dead).toEqual({ n: 0 });
  });

  it('stays a request for a person when the supplier refuses, until goods come', async () => {
    await faults({ refuseBookings: 1 });
    await isLow('BAG');
    const { replenishment } = await reached(
      'BAG',
      (found) => found.replenishment?.order?.status === 'refused',
    );
    expect(replenishment).toMatchObject({
      status: 'requested',
      order: { refusal: 'granary has no BAG', overdue: false },
    });
    await send('POST', 'inventory/BAG/restock', { quantity: 50 });
    await restocked('BAG');
  });

  it('is overdue when nothing comes, and asked for again until it does', async () => {
    await faults({ neverDelivers: true });
    await isLow('DRUM');
    await reached('DRUM', (found) => found.replenishment?.order?.overdue === true);
    await faults({});
    const { replenishment } = await restocked('DRUM');
    expect(replenishment?.order).toMatchObject({ status: 'delivered', overdue: false });
    expect(supplier.orders().filter(({ sku }) => sku === 'DRUM')).toHaveLength(1);
  });
});

describe('a webhook of the supplier', () => {
  it('is believed when it is signed, of this supplier, and what was ordered', async () => {
    await isLow('VASE');
    await restocked('VASE');
    const [order] = supplier.orders().filter((each) => each.sku === 'VASE');
    if (!order) throw new Error('nothing was ordered');
    const { orderId: requestId, sku, quantity } = order;
    const data = {
      ...{ supplier: 'granary', requestId, sku, quantity, at: new Date().toISOString() },
    };
    const before = await stockOf(sku);
    const other = `whsec_${Buffer.alloc(32, 6).toString('base64')}`;
    expect(await deliver(data, { secret: other })).toEqual([401, 'invalid_signature']);
    expect(await deliver(data, { path: 'another' })).toEqual([404, 'unknown_supplier']);
    expect(await deliver({ ...data, supplier: 'another' })).toEqual([422, 'invalid_webhook']);
    expect(await deliver({ ...data, requestId: newId() })).toEqual([404, 'unknown_request']);
    expect(await deliver({ ...data, quantity: quantity + 1 })).toEqual([202, 'contradicts']);
    expect(await deliver({ ...data, quantity: 1e9 })).toEqual([400, 'invalid_request']);
    expect(await deliver({ ...data, sku: '../x' })).toEqual([400, 'invalid_request']);
    for (const id of ['same', 'same', 'other']) {
      expect(await deliver(data, { id })).toEqual([202, 'known']);
    }
    expect((await stockOf(sku)).received).toBe(before.received);
    expect(await inventoryInvariants(service.dataSource, supplier.orders())).toEqual([]);
    const lost = { orderId: newId(), sku, quantity, acknowledged: true };
    expect(await inventoryInvariants(service.dataSource, [lost])).toEqual([
      `inventory: a delivery of VASE is not in stock: ${lost.orderId}`,
    ]);
  });
});
