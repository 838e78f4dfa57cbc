import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  CommitStock,
  channelOf,
  type Envelope,
  encode,
  FindProducts,
  foundProducts,
  type Message,
  newId,
  ReserveStock,
  wrap,
} from '@waybill/contracts';
import { embeddedBroker } from '@waybill/embedded-broker';
import { BrokerRequests, oneBroker } from '@waybill/messaging';
import { until } from '@waybill/messaging/testing';
import { type RunningService, startService } from '@waybill/service';
import { type TestDatabase, testDatabase } from '@waybill/testing';
import { InventoryModule } from './inventory.module.ts';
import { inventoryInvariants } from './storage/inventory.invariants.ts';
import { inventoryStorage } from './storage/inventory.storage.ts';

let database: TestDatabase;
let service: RunningService;
const broker = embeddedBroker();
const brokers = oneBroker(broker);
const replies: Envelope[] = [];

beforeAll(async () => {
  database = await testDatabase(inventoryStorage);
  await broker.declare([
    {
      name: 'order',
      kind: 'reply',
      partitions: 1,
      bindings: [{ channel: 'inventory.replies', pattern: '#' }],
    },
  ]);
  await broker.subscribe('order', {
    assigned: async () => {},
    revoked: () => {},
    deliver: (delivery) => {
      replies.push(JSON.parse(delivery.body));
      delivery.ack();
    },
  });
  service = await startService(InventoryModule, {
    env: { DATABASE_URL: database.url, LOG_LEVEL: 'error' },
    brokers,
    migrate: true,
    seed: true,
    listen: null,
    tokenVerifier: {
      verify: (token) => ({ id: token, roles: ['operator'], name: token, email: '' }),
    },
  });
}, 60_000);
afterAll(async () => {
  await service?.close();
  await broker.close();
  await database?.close();
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
const get = async (url: string) => {
  const headers = { authorization: 'Bearer ops' };
  return (await service.app.inject({ url, headers })).json();
};

describe('the inventory service', () => {
  it('reserves and sells over the broker, and shows it over HTTP', async () => {
    const order = { orderId: newId(), lines: [{ sku: 'TURNTABLE', quantity: 2 }] };

    await publish(ReserveStock(order));
    await publish(CommitStock(order));
    await until(() => replies.length === 2);

    expect(replies.map(({ type }) => type)).toEqual([
      'inventory.stock-reserved',
      'inventory.stock-committed',
    ]);
    expect(await get('/api/v1/products/TURNTABLE')).toMatchObject({ available: 1 });
    expect(await get('/api/v1/inventory/TURNTABLE')).toMatchObject({ onHand: 1, sold: 2 });
    expect(await inventoryInvariants(service.dataSource)).toEqual([]);
  });

  it('takes goods in over HTTP, and closes the replenishment that low stock opened', async () => {
    const replenishment = async () => (await get('/api/v1/inventory/TURNTABLE')).replenishment;
    for (let found = await replenishment(); found?.status !== 'requested'; ) {
      found = await replenishment();
    }
    const restock = await service.app.inject({
      method: 'POST',
      url: '/api/v1/inventory/TURNTABLE/restock',
      headers: { authorization: 'Bearer ops' },
      payload: { quantity: 4, warehouse: 'NORTH' },
    });

    expect(restock.statusCode).toBe(200);
    expect(restock.json()).toMatchObject({ sku: 'TURNTABLE', quantity: 4, available: 5 });
    for (let found = await replenishment(); found?.status !== 'idle'; ) {
      found = await replenishment();
    }
    expect(await get('/api/v1/inventory/TURNTABLE')).toMatchObject({
      warehouses: [
        { code: 'MAIN', onHand: 1 },
        { code: 'NORTH', onHand: 4 },
      ],
    });
  });

  it('creates a product that is there for the next request', async () => {
    const url = '/api/v1/products/NEW-1';
    const details = {
      name: 'New',
      description: '',
      category: 'Test',
      imageUrl: '/images/mug.svg',
      price: { amount: 500, currency: 'EUR' },
      weightGrams: 10,
    };
    const headers = { authorization: 'Bearer ops' };
    const put = () => service.app.inject({ method: 'PUT', url, headers, payload: details });

    expect([(await put()).statusCode, (await put()).statusCode]).toEqual([201, 200]);
    expect(await get(url)).toEqual({
      sku: 'NEW-1',
      ...details,
      taxClass: 'standard',
      available: 0,
    });
    const unknown = await service.app.inject({
      method: 'POST',
      url: '/api/v1/inventory/NONE/restock',
      headers,
      payload: { quantity: 1 },
    });
    expect([unknown.statusCode, unknown.json().code]).toEqual([404, 'unknown_sku']);
  });

  it('changes a product for one of many who have read the same revision, and withdraws it', async () => {
    const url = '/api/v1/products/MUG';
    const headers = { authorization: 'Bearer ops' };
    const first = await service.app.inject({ url, headers });
    const { sku: _, available: __, ...details } = first.json();
    const ifMatch = { ...headers, 'if-match': String(first.headers['etag']) };
    const change = (amount: number) =>
      service.app.inject({
        method: 'PUT',
        url,
        headers: ifMatch,
        payload: { ...details, price: { amount, currency: 'EUR' } },
      });
    const changed = await Promise.all([1, 2, 3, 4, 5].map((n) => change(n * 100)));
    expect(changed.map(({ statusCode }) => statusCode).sort()).toEqual([200, 412, 412, 412, 412]);

    const withdraw = (more = {}) =>
      service.app.inject({ method: 'DELETE', url, headers: { ...headers, ...more } });
    expect((await withdraw(ifMatch)).statusCode).toBe(412);
    expect([(await withdraw()).statusCode, (await withdraw()).statusCode]).toEqual([204, 204]);
    expect((await service.app.inject({ url })).statusCode).toBe(404);
    const gone = await service.app.inject({
      method: 'DELETE',
      url: '/api/v1/products/NONE',
      headers,
    });
    expect([gone.statusCode, gone.json().code]).toEqual([404, 'unknown_sku']);
    expect(await get('/api/v1/inventory/MUG')).toMatchObject({ sku: 'MUG' });
    const back = await service.app.inject({ method: 'PUT', url, headers, payload: details });
    expect([back.statusCode, back.headers['etag']]).toEqual([201, expect.stringMatching(/^"4\./)]);
  });

  it('answers what other services ask about products', async () => {
    const requests = new BrokerRequests(brokers, { source: 'order' });
    const answer = await requests.request(
      FindProducts,
      { skus: ['LAPTOP-13', 'NONE'] },
      { deadline: 2_000, answer: foundProducts },
    );

    expect(answer.products).toMatchObject([
      { sku: 'LAPTOP-13', price: { amount: 129_900, currency: 'EUR' }, weightGrams: 1_250 },
    ]);
  });
});
