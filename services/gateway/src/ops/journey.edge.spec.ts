import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { type EdgeApp, edgeApp } from '@waybill/http/testing';
import { SystemOperations } from '@waybill/service';
import { OrderOwner } from '../order-owner.ts';
import { JourneyController } from './journey.controller.ts';

const row = {
  service: 'payment',
  group: 'payment',
  messageId: 'm1',
  causationId: null,
  correlationId: 'request',
  name: 'payment.authorize-payment',
  from: 'order',
  to: 'payment',
  broker: 'embedded',
  channel: 'payment.commands',
  attempt: 0,
  outcome: 'applied',
  at: '2026-01-01T00:00:00.000Z',
  durationMs: 1,
};
let rows = [row];
const asked: string[] = [];

/** `operator` sees every order, `ada` only her own. */
class Owners extends OrderOwner {
  async sees(orderId: string, authorization: string): Promise<boolean> {
    return authorization === 'Bearer operator' || `${orderId} ${authorization}` === 'o1 Bearer ada';
  }
}

let edge: EdgeApp;
beforeAll(async () => {
  const journey = async (orderId: string) => {
    asked.push(orderId);
    return { items: rows, missing: [] };
  };
  edge = await edgeApp([JourneyController], {
    providers: [
      { provide: SystemOperations, useValue: { journey } },
      { provide: OrderOwner, useClass: Owners },
    ],
  });
});
afterAll(() => edge.app.close());

const read = (orderId: string, token: string) =>
  edge.fastify.inject({
    url: `/api/v1/orders/${orderId}/journey`,
    headers: { authorization: `Bearer ${token}` },
  });

it('shows the journey of an order to whom the order service shows the order, and asks nobody for others', async () => {
  expect((await read('o1', 'ada')).json()).toMatchObject({ items: [{ messageId: 'm1' }] });
  expect((await read('o2', 'operator')).statusCode).toBe(200);
  asked.length = 0;
  expect((await read('o2', 'ada')).json()).toMatchObject({ status: 404, code: 'not_found' });
  expect(asked).toEqual([]);
});

it('knows an order by its id in capital letters too', async () => {
  asked.length = 0;
  expect((await read('O1', 'ada')).statusCode).toBe(200);
  expect(asked).toEqual(['o1']);
});

it('tells operators alone which group took a message, and how it ended', async () => {
  const [customers] = (await read('o1', 'ada')).json().items;
  const [operators] = (await read('o1', 'operator')).json().items;
  expect(Object.keys(customers)).not.toEqual(expect.arrayContaining(['group']));
  expect(operators).toMatchObject({ ...customers, group: 'payment', outcome: 'applied' });
  expect(customers).not.toHaveProperty('outcome');
});

it.each([
  ['command', { name: 'payment.authorize-payment', channel: 'payment.commands' }],
  ['event', { name: 'payment.of-a-newer-release', channel: 'payment.events' }],
  ['http', { name: 'order.accept-order', channel: 'order.local', broker: 'local' }],
  ['local', { name: 'inventory.review-overdue', channel: 'inventory.local', correlationId: 'm1' }],
  ['saga', { name: 'saga.due', channel: 'saga.local', broker: 'local', correlationId: 'm1' }],
  ['saga', { name: 'saga.due', channel: 'saga.local', broker: 'local' }],
] as const)('shows as %s what came as %j', async (kind, parts) => {
  rows = [{ ...row, ...parts }];
  const { items } = (await read('o1', 'ada')).json();
  const { correlationId: _, ...shown } = { correlationId: '', ...parts };
  expect(items).toMatchObject([{ kind, ...shown }]);
  rows = [row];
});
