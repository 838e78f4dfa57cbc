import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type EdgeApp, edgeApp } from '@waybill/http/testing';
import { DeliveryRepository } from '../storage/delivery.repository.ts';
import { DeliveryViews } from './delivery-views.ts';
import { NotificationsController } from './notifications.controller.ts';

let edge: EdgeApp;
const orderId = '019a0000-0000-7000-8000-000000000001';
const all = ['order-confirmed', 'order-delivered', 'order-shipped'].map((template) => ({
  id: `${orderId}/${template}`,
}));
const deliveries = {
  ofOrder: async (asked: string) => (asked === orderId ? all : []),
  list: async (after: string | undefined, limit: number) =>
    all.filter(({ id }) => after === undefined || id > after).slice(0, limit),
};

beforeAll(async () => {
  edge = await edgeApp([NotificationsController], {
    providers: [
      { provide: DeliveryRepository, useValue: deliveries },
      { provide: DeliveryViews, useValue: { of: async (each: unknown) => each } },
    ],
  });
});
afterAll(() => edge?.app.close());

async function list(query: string, token: string | null = 'operator') {
  const response = await edge.fastify.inject({
    url: `/api/v1/notifications${query}`,
    headers: token ? { authorization: `Bearer ${token}` } : {},
  });
  return { status: response.statusCode, json: response.json() };
}

describe('the notifications', () => {
  it.each(['', `&orderId=${orderId}`])('are listed in pages%s', async (filter) => {
    const first = await list(`?limit=2${filter}`);
    const rest = await list(`?limit=2&cursor=${first.json.nextCursor}${filter}`);

    expect([...first.json.items, ...rest.json.items]).toEqual(all);
    expect(rest.json.nextCursor).toBeNull();
  });

  it('belong to the page of their own list: of one order, or of all', async () => {
    const { nextCursor } = (await list('?limit=2')).json;
    const ofOrder = (await list(`?limit=2&orderId=${orderId}`)).json.nextCursor;
    const other = orderId.replace('0001', '0002');
    expect((await list(`?cursor=${nextCursor}&orderId=${orderId}`)).status).toBe(400);
    expect((await list(`?cursor=${ofOrder}`)).status).toBe(400);
    expect((await list(`?cursor=${ofOrder}&orderId=${other}`)).status).toBe(400);
  });

  it('are none for another order', async () => {
    expect((await list('?orderId=019a0000-0000-7000-8000-00000000000f')).json.items).toEqual([]);
  });

  it.each(['?orderId=1', '?orderId=', '?cursor=x', '?limit=1000', '?order=1'])(
    'refuse the query %s',
    async (query) => {
      const { status, json } = await list(query);
      expect([status, json.code]).toEqual([400, 'invalid_request']);
    },
  );

  it('are for operators alone', async () => {
    expect((await list('', 'ada')).status).toBe(403);
    expect((await list('', null)).status).toBe(401);
  });
});
