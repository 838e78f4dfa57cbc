import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { HttpAdapterHost } from '@nestjs/core';
import type { Message } from '@waybill/contracts';
import { EventStreams, type ServiceAdapter } from '@waybill/http';
import { type EdgeApp, edgeApp } from '@waybill/http/testing';
import { Overloaded, Submitter } from '@waybill/messaging';
import { HandClock } from '@waybill/messaging/testing';
import { createLog, type Disk } from '@waybill/observability';
import type { OrderConfig } from '../order.config.ts';
import type { OpenSagas } from '../storage/open-sagas.ts';
import { OrderRepository } from '../storage/order.repository.ts';
import { OrderDocuments } from '../storage/order-documents.ts';
import { FollowedOrder, noDocuments, personal } from '../testing/followed-order.ts';
import { address } from '../testing/order.fixtures.ts';
import { Admission } from './admission.ts';
import { OrderIntake } from './order-intake.ts';
import { OrderSignals } from './order-signals.ts';
import { OrderStream } from './order-stream.ts';
import { OrderViews } from './order-views.ts';
import { OrdersController } from './orders.controller.ts';
import { PersonalOrders } from './personal-orders.ts';
import { ReturnsController } from './returns.controller.ts';

const order = new FollowedOrder(3);
const body = {
  lines: [{ sku: 'LAPTOP-13', quantity: 1 }],
  shippingAddress: address,
  shippingMethod: 'standard',
  payment: { method: 'card', token: 'tok_visa' },
};
let edge: EdgeApp;
/** The error with which the service's queue refuses orders; undefined while it accepts them. */
let overload: Overloaded | undefined;
let taken: unknown[];
let submitted: Message[];

const intake = {
  accept: async (...given: unknown[]) => {
    taken.push(given);
    const accepted = { status: 202, location: `/api/v1/orders/${order.id}`, body: '{}' };
    return { accepted, replayed: false };
  },
};
class Queue extends Submitter {
  async submit<A>(message: Message): Promise<A> {
    submitted.push(message);
    return {} as A;
  }
  override overload() {
    return overload;
  }
}
const admission = (adapters: HttpAdapterHost<ServiceAdapter>) =>
  new Admission(
    adapters,
    new Queue(),
    { count: async () => 0 } as Partial<OpenSagas> as OpenSagas,
    { folder: '/', reserveMb: 0, isShort: async () => false } as Partial<Disk> as Disk,
    new HandClock(),
    { maxOpenOrders: 1 } as OrderConfig,
    createLog({ service: 'order', level: 'silent' }),
  );
const orders = {
  find: async (id: string) => (id === order.id ? order.at() : undefined),
  asOf: async (_: string, version: number) => (version <= 3 ? order.at(version) : undefined),
  list: async () => [],
  events: async () => [],
};
const stream = {
  start: () => 0,
  follow: (_id: string, _after: number, opened: { end(): void }) => opened.end(),
};

beforeAll(async () => {
  edge = await edgeApp([OrdersController, ReturnsController], {
    verifier: {
      verify: (token) => ({
        id: token,
        name: token,
        email: `${token}@example.com`,
        roles: [token === 'ops' ? 'operator' : 'customer'],
      }),
    },
    providers: [
      { provide: Admission, inject: [HttpAdapterHost], useFactory: admission },
      { provide: OrderIntake, useValue: intake },
      { provide: OrderRepository, useValue: orders },
      { provide: OrderDocuments, useValue: noDocuments },
      { provide: PersonalOrders, useValue: personal },
      OrderViews,
      { provide: OrderSignals, useValue: {} },
      { provide: Submitter, useValue: new Queue() },
      { provide: OrderStream, useValue: stream },
      {
        provide: EventStreams,
        useValue: new EventStreams(new HandClock(), { perCaller: 9, total: 9 }),
      },
    ],
  });
});
afterAll(() => edge.app.close());
beforeEach(() => {
  overload = undefined;
  taken = [];
  submitted = [];
});

const send = (method: 'GET' | 'POST', url: string, as: string, payload?: object) =>
  edge.fastify.inject({
    method,
    url,
    headers: { authorization: `Bearer ${as}` },
    ...(payload ? { payload } : {}),
  });
const post = (payload: object) => send('POST', '/api/v1/orders', 'ada', payload);

describe('a new order', () => {
  it('is refused before anything is done while admission refuses; what is there is shown', async () => {
    overload = new Overloaded(300);
    const refused = await post(body);

    expect([refused.statusCode, refused.headers['retry-after']]).toEqual([503, '1']);
    expect(refused.json().code).toBe('overloaded');
    expect(taken).toEqual([]);
    expect((await send('GET', `/api/v1/orders/${order.id}`, 'ada')).statusCode).toBe(200);
    expect((await send('GET', '/api/v1/orders', 'ada')).statusCode).toBe(200);
    overload = undefined;
    expect((await post(body)).statusCode).toBe(202);
  });

  const line = body.lines[0];
  const money = { amount: 1, currency: 'EUR' };
  it.each([
    ['/lines/0/unitPrice', { lines: [{ ...line, unitPrice: money }] }],
    ['/lines/0/unitPrice', { lines: [{ ...line, unitPrice: 1 }] }],
    ['/lines/0/price', { lines: [{ ...line, price: 1 }] }],
    ['/lines/0/total', { lines: [{ ...line, total: money }] }],
    ['/lines/0/weightGrams', { lines: [{ ...line, weightGrams: 1 }] }],
    ['/subtotal', { subtotal: money }],
    ['/total', { total: money }],
    ['/shippingCost', { shippingCost: money }],
    ['/customerId', { customerId: 'grace' }],
    ['/status', { status: 'confirmed' }],
    ['/shippingAddress/zone', { shippingAddress: { ...address, zone: 'near' } }],
    ['/payment/captured', { payment: { ...body.payment, captured: money } }],
  ])('has no %s of its client', async (path, change) => {
    const refused = await post({ ...body, ...change });

    expect(refused.statusCode).toBe(400);
    expect(refused.json().errors).toEqual([{ path, message: 'is not a known property' }]);
    expect(taken).toEqual([]);
  });
});

describe('what a customer typed', () => {
  const typed = (part: object) => post({ ...body, shippingAddress: { ...address, ...part } });

  it('is taken in the composed form, whichever way it was typed', async () => {
    const answer = await post({
      ...body,
      shippingAddress: { ...address, name: 'Ame\u0301lie', city: 'A\u030aby' },
      note: 'a\u0300 bient\u00f4t 👋\n',
    });
    expect(answer.statusCode).toBe(202);
    expect(taken).toMatchObject([
      [
        {
          shippingAddress: { name: 'Am\u00e9lie', city: '\u00c5by' },
          note: '\u00e0 bient\u00f4t 👋\n',
        },
        {},
        undefined,
        { correlationId: answer.headers['x-request-id'] },
      ],
    ]);
  });

  it.each([
    ['name', ' ', 'shows nothing'],
    ['name', '\u200b\u2060', 'shows nothing'],
    ['city', '\u00a0', 'shows nothing'],
    ['line1', '\u3164', 'shows nothing'],
    ['postalCode', '\u2800', 'shows nothing'],
    ['name', 'Ada\u0007', 'holds a control character'],
    ['line1', '1 Main St\n2', 'holds a control character'],
    ['line2', '\t', 'holds a control character'],
    ['city', 'Ber\u2028lin', 'holds a control character'],
    ['postalCode', '\u001b[2J', 'holds a control character'],
  ])('is refused as %s when it is %j', async (field, value, message) => {
    const refused = await typed({ [field]: value });
    expect(refused.statusCode).toBe(400);
    expect(refused.json().errors).toContainEqual({ path: `/shippingAddress/${field}`, message });
    expect(taken).toEqual([]);
  });

  it('may leave the second line empty', async () => {
    for (const line2 of ['', ' ', null, undefined]) {
      expect((await typed({ line2 })).statusCode).toBe(202);
    }
  });
});

describe('a cancel', () => {
  const cancel = (as: string, payload: object, id = order.id) =>
    send('POST', `/api/v1/orders/${id}/cancel`, as, payload);
  const asked = () => submitted.map(({ contract: { type }, data }) => [type, data]);

  it.each(['ada', 'ops'])('is requested by %s, and answered with the order', async (as) => {
    const answer = await cancel(as, { reason: 'Ame\u0301lie has one' });

    expect([answer.statusCode, answer.json().id]).toEqual([202, order.id]);
    expect(asked()).toEqual([
      ['order.cancel-order', { orderId: order.id, reason: 'Am\u00e9lie has one' }],
    ]);
  });

  it('of an order that is not theirs, or that does not exist, is nobody\u2019s', async () => {
    const answers = [
      await cancel('grace', { reason: 'x' }),
      await cancel('ada', { reason: 'x' }, '019a9c40-0000-7000-8000-00000000000f'),
      await cancel('ada', { reason: 'x' }, 'nonsense'),
    ];

    expect(answers.map((each) => [each.statusCode, each.json().code])).toEqual(
      answers.map(() => [404, 'not_found']),
    );
    expect(asked()).toEqual([]);
  });

  it.each([
    [{}, '/reason', 'is missing'],
    [{ reason: '' }, '/reason', 'shows nothing'],
    [{ reason: '\u200b' }, '/reason', 'shows nothing'],
    [{ reason: 'too\nlate' }, '/reason', 'holds a control character'],
    [{ reason: 'too late', refund: false }, '/refund', 'is not a known property'],
  ])('with %j is refused at %s', async (payload, path, message) => {
    const refused = await cancel('ada', payload);

    expect(refused.statusCode).toBe(400);
    expect(refused.json().errors).toContainEqual({ path, message });
    expect(asked()).toEqual([]);
  });
});

describe('an order at a version', () => {
  const at = async (version: string, as = 'ada') => {
    const answer = await send('GET', `/api/v1/orders/${order.id}?version=${version}`, as);
    return [answer.statusCode, answer.json().version ?? answer.json().code];
  };

  it('is as it was then, for its owner and for operators', async () => {
    for (const version of [1, 2, 3]) expect(await at(`${version}`)).toEqual([200, version]);
    expect(await at('1', 'ops')).toEqual([200, 1]);
    expect(await at('1', 'grace')).toEqual([404, 'not_found']);
  });

  it.each(['4', '9007199254740991'])('is not there beyond the last: %s', async (version) => {
    expect(await at(version)).toEqual([404, 'not_found']);
  });

  it.each(['0', '-1', '1.5', '', 'one', '0x1', '1e1', '9007199254740992', '1&version=2'])(
    'is refused where the version is no number above 0: %s',
    async (version) => {
      expect(await at(version)).toEqual([400, 'invalid_request']);
    },
  );
});

it('shows an order to its owner and to operators, and is silent to others, at each of its routes', async () => {
  const routes = edge.routes
    .all()
    .filter(({ method, path }) => method === 'GET' && path.includes(':id'))
    .map(({ path }) => path);
  expect(routes).toEqual(expect.arrayContaining(['/api/v1/orders/:id/stream']));
  for (const route of routes) {
    const statuses = await Promise.all(
      ['ada', 'ops', 'grace'].map(async (as) => {
        const { statusCode } = await send('GET', route.replace(':id', order.id), as);
        return [route, as, statusCode];
      }),
    );
    expect(statuses).toEqual([
      [route, 'ada', 200],
      [route, 'ops', 200],
      [route, 'grace', 404],
    ]);
    expect((await send('GET', route.replace(':id', 'not-an-id'), 'ada')).statusCode).toBe(404);
  }
});
