import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ada, type EdgeApp, edgeApp } from '@waybill/http/testing';
import { MemoryQueues, Work, WorkQueues } from '@waybill/work-queue';
import { templates } from '../domain/email.ts';
import { Resends } from '../messages/resends.ts';
import {
  type DeliveryFilter,
  type DeliveryPlace,
  DeliveryRepository,
} from '../storage/delivery.repository.ts';
import { DeliveryViews } from './delivery-views.ts';
import { NotificationsController } from './notifications.controller.ts';
import { QueuesController } from './queues.controller.ts';
import { TemplatesController } from './templates.controller.ts';

let edge: EdgeApp;
const orderId = '019a0000-0000-7000-8000-000000000001';
const all = ['order-confirmed', 'order-delivered', 'order-shipped'].map((template, days) => ({
  id: `${orderId}/${template}`,
  at: `2026-01-0${9 - days}T00:00:00.000Z`,
  customerId: template === 'order-shipped' ? 'grace' : ada.id,
}));
const deliveries = {
  list: async (filter: DeliveryFilter, after: DeliveryPlace | undefined, limit: number) =>
    all
      .filter(({ at }) => after === undefined || at < after.at)
      .filter(({ id }) => id.startsWith(filter.orderId ?? ''))
      .filter(({ customerId }) => customerId === (filter.customerId ?? customerId))
      .slice(0, limit),
  markRead: async (id: string, customerId: string) =>
    all.some((each) => each.id === id && each.customerId === customerId),
};

const resends = {
  queue: async (id: string) => all.find((each) => each.id === id),
};

const queues = new MemoryQueues();
const rows = [
  { id: 'second', priority: 'normal' },
  { id: 'first', priority: 'high' },
] as const;
/** The jobs of the rows, as the real one reads them. */
const work = {
  rebuild: async (name: string) => {
    await queues.priority(name).clear();
    await queues.priority(name).add(rows);
  },
};

beforeAll(async () => {
  edge = await edgeApp([NotificationsController, QueuesController, TemplatesController], {
    providers: [
      { provide: DeliveryRepository, useValue: deliveries },
      { provide: DeliveryViews, useValue: { of: async (each: unknown) => each } },
      { provide: Resends, useValue: resends },
      { provide: WorkQueues, useValue: queues },
      { provide: Work, useValue: work },
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

  it.each(['?orderId=1', '?orderId=', '?cursor=x', '?limit=1000', '?order=1', '?status=lost'])(
    'refuse the query %s',
    async (query) => {
      const { status, json } = await list(query);
      expect([status, json.code]).toEqual([400, 'invalid_request']);
    },
  );

  it('are those of the customer who looks', async () => {
    expect((await list('', 'ada')).json.items).toEqual([all[0], all[1]]);
    expect((await list('', null)).status).toBe(401);
  });

  it.each([
    ['read', `${orderId}.order-confirmed`, 'ada', 204],
    ['read', `${orderId}.order-shipped`, 'ada', 404],
    ['read', `${orderId}.order-lost`, 'ada', 404],
    ['read', `${orderId}%2Forder-confirmed`, 'ada', 400],
    ['read', 'x'.repeat(200), 'ada', 400],
    ['read', `${orderId}.order-confirmed`, null, 401],
    ['resend', `${orderId}.order-confirmed`, 'operator', 202],
    ['resend', `${orderId}.order-lost`, 'operator', 404],
    ['resend', `${orderId}.order-confirmed`, 'ada', 403],
  ])('answer %s of %s by %s with %i', async (action, id, token, status) => {
    const response = await edge.fastify.inject({
      method: 'POST',
      url: `/api/v1/notifications/${id}/${action}`,
      headers: token ? { authorization: `Bearer ${token}` } : {},
    });
    expect(response.statusCode).toBe(status);
  });
});

describe('a work queue', () => {
  const call = (method: 'GET' | 'POST', path: string, token: string | null = 'operator') =>
    edge.fastify.inject({
      method,
      url: `/api/v1/notifications/queues/${path}`,
      headers: token ? { authorization: `Bearer ${token}` } : {},
    });

  it('is shown with its next jobs, and filled again from the rows of its jobs', async () => {
    await queues.priority('email').add([{ id: 'from another time', priority: 'low' }]);
    expect((await call('GET', 'email')).json()).toEqual({
      name: 'email',
      ready: 1,
      later: 0,
      leased: 0,
      next: ['from another time'],
    });
    const rebuilt = await call('POST', 'email/rebuild');
    expect([rebuilt.statusCode, rebuilt.json().next]).toEqual([200, ['first', 'second']]);
  });

  it.each([
    ['GET', 'lost', 'operator', 404],
    ['GET', 'x'.repeat(41), 'operator', 400],
    ['POST', 'lost/rebuild', 'operator', 404],
    ['GET', 'email', 'ada', 403],
    ['POST', 'email/rebuild', 'ada', 403],
    ['GET', 'email', null, 401],
  ] as const)('refuses %s of %s by %s with %i', async (method, path, token, status) => {
    expect((await call(method, path, token)).statusCode).toBe(status);
  });
});

describe('a template', () => {
  const preview = (path: string, token = 'operator') =>
    edge.fastify.inject({
      url: `/api/v1/templates/${path}`,
      headers: { authorization: `Bearer ${token}` },
    });

  it.each(templates)('%s can be previewed in every language', async (template) => {
    const english = (await preview(`${template}/preview`)).json();
    const german = (await preview(`${template}/preview?locale=de`)).json();
    expect(english).toMatchObject({ template, locale: 'en' });
    expect(german.text).toMatch(/^Guten Tag Ada Lovelace,/);
    expect(german.subject).not.toBe(english.subject);
  });

  it.each([
    ['order-lost/preview', 'operator', 404],
    ['welcome/preview?locale=German', 'operator', 400],
    ['welcome/preview?x=1', 'operator', 400],
    ['welcome/preview', 'ada', 403],
  ])('%s by %s is refused with %i', async (path, token, status) => {
    expect((await preview(path, token)).statusCode).toBe(status);
  });
});
