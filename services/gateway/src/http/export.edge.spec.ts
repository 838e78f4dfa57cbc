import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { type EdgeApp, edgeApp } from '@waybill/http/testing';
import { type PartQuery, SystemOperations } from '@waybill/service';
import { FakeOperations } from '@waybill/service/testing';
import { ExportController } from './export.controller.ts';
import { PersonalExport } from './personal-export.ts';

let queries: PartQuery[];
let services: Record<'customer' | 'order' | 'payment', FakeOperations>;
let edge: EdgeApp;

/** Orders 1 to 3 in pages of two, and a payment of each. */
beforeEach(() => {
  queries = [];
  const { customer, order, payment } = services;
  const one = async (item: object) => ({ items: [item], next: null });
  customer.personalData.add('account', ({ subject }) => one({ id: subject }));
  for (const part of ['preferences', 'addresses', 'sessions'])
    customer.personalData.add(part, () => one({ part }));
  order.personalData.add('orders', async ({ after = '0' }) => {
    const ids = after === '0' ? ['1', '2'] : ['3'];
    const items = ids.map((id) => ({ id, shipments: [{ id: `s${id}` }] }));
    return { items, next: after === '0' ? '2' : null };
  });
  payment.personalData.add('payments', async (query) => {
    queries.push(query);
    return { items: (query.about ?? []).map((orderId) => ({ orderId })), next: null };
  });
});

beforeAll(async () => {
  services = {
    customer: new FakeOperations('customer'),
    order: new FakeOperations('order'),
    payment: new FakeOperations('payment'),
  };
  edge = await edgeApp([ExportController], {
    providers: [
      PersonalExport,
      {
        provide: SystemOperations,
        useValue: new SystemOperations(Object.values(services)),
      },
    ],
  });
});
afterAll(() => edge.app.close());

async function read() {
  const headers = { authorization: 'Bearer ada' };
  const url = '/api/v1/customers/me/export';
  const response = await edge.fastify.inject({ method: 'GET', url, headers });
  return { status: response.statusCode, headers: response.headers, body: response.json() };
}

it('is one document of all parts, page by page, and names those that are missing', async () => {
  const { status, headers, body } = await read();
  expect([status, headers['content-type']]).toEqual([200, 'application/json; charset=utf-8']);
  const subject = body.customerId;
  expect(body).toMatchObject({
    account: { id: subject },
    preferences: { part: 'preferences' },
    addresses: [{ part: 'addresses' }],
    orders: [{ id: '1' }, { id: '2' }, { id: '3' }],
    payments: [{ orderId: '1' }, { orderId: '2' }, { orderId: '3' }],
    credit: null,
    creditEntries: [],
    shipments: [],
    notifications: [],
  });
  expect(body.missing).toEqual([
    'credit',
    'creditEntries',
    'webhooks',
    'otherNotifications',
    'shipments',
    'notifications',
  ]);
  expect(queries).toEqual([{ subject, about: ['1', '2', '3'] }]);
});

it('keeps what came before a failure, and names what depends on it', async () => {
  services.order.personalData.add('orders', async ({ after }) => {
    if (after !== undefined) throw new Error('away');
    return { items: [{ id: '1', shipments: [] }], next: '1' };
  });
  const { body } = await read();
  expect(body).toMatchObject({ orders: [{ id: '1' }], payments: [{ orderId: '1' }] });
  expect(body.missing).toEqual(expect.arrayContaining(['orders', 'payments']));
});
