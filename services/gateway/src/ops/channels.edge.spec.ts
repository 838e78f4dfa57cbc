import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type EdgeApp, edgeApp } from '@waybill/http/testing';
import { SystemChannels, SystemMessages, SystemOperations } from '@waybill/service';
import { FakeChannels, FakeMessages, FakeOperations } from '@waybill/service/testing';
import { ChannelsController } from './channels.controller.ts';
import { MessagesController } from './messages.controller.ts';

const payment = new FakeOperations('payment');
const order = new FakeOperations('order');
const services = [payment, order];
let edge: EdgeApp;
beforeAll(async () => {
  edge = await edgeApp([ChannelsController, MessagesController], {
    providers: [
      { provide: SystemOperations, useValue: new SystemOperations(services) },
      { provide: SystemChannels, useValue: new SystemChannels(services) },
      { provide: SystemMessages, useValue: new SystemMessages(services) },
    ],
  });
});
afterAll(() => edge.app.close());
beforeEach(() => {
  for (const each of services) {
    each.control = new FakeChannels(each.service);
    each.messages = new FakeMessages(each.service);
    each.away = false;
  }
});

const send = async (method: 'GET' | 'POST', path: string, payload?: object, by = 'operator') => {
  const answer = await edge.fastify.inject({
    method,
    url: `/api/v1/${path}`,
    headers: { authorization: `Bearer ${by}` },
    ...(payload ? { payload } : {}),
  });
  return { status: answer.statusCode, body: answer.json() };
};

const id = '01980000-0000-7000-8000-000000000001';
const browsed = (group: string) => ({
  service: group,
  group,
  channel: 'payment.commands',
  partition: 0,
  offset: null,
  inFlight: false,
  headers: null,
  data: null,
  body: '{"email":"***"}',
});

describe('a channel', () => {
  it('has partitions, subscribers, rates and what waits', async () => {
    const { status, body } = await send('GET', 'channels/payment.commands');
    expect([status, body]).toEqual([
      200,
      expect.objectContaining({
        name: 'payment.commands',
        kind: 'command',
        broker: 'embedded',
        depth: 6,
        rates: { perSecond: 2, errorRate: 0.5 },
        paused: false,
        missing: [],
      }),
    ]);
    expect(body.partitions).toEqual([
      { partition: 0, depth: 3, end: null },
      { partition: 1, depth: 3, end: null },
    ]);
    expect(body.subscribers).toHaveLength(1);
  });

  it('is also one without groups, if messages are published to it', async () => {
    const { body } = await send('GET', 'channels/order.live');
    expect(body).toMatchObject({ kind: 'live', broker: null, subscribers: [], partitions: [] });
  });

  it.each(['nobody.commands', 'x'])('%s is unknown', async (name) => {
    expect(await send('GET', `channels/${name}`)).toMatchObject({ status: 404 });
    expect(await send('POST', `channels/${name}/pause`)).toMatchObject({ status: 404 });
  });

  it('shows as many of the messages that wait as it is asked for', async () => {
    payment.control.waiting = [browsed('payment'), browsed('payment')];
    const { body } = await send('GET', 'channels/payment.commands/messages?limit=1');
    expect(body).toMatchObject({ nextCursor: null, missing: [] });
    expect(body.items).toEqual([browsed('payment')]);
  });

  it('waits for a first message', async () => {
    const answer = send('GET', 'channels/payment.commands/messages?wait=30s');
    payment.control.waiting = [browsed('payment')];
    expect((await answer).body.items).toHaveLength(1);
    expect((await send('GET', 'channels/order.commands/messages?wait=1ms')).body.items).toEqual([]);
  });
});

describe('an action on a channel', () => {
  it('is done at its subscribers alone, in the name of the operator', async () => {
    const paused = await send('POST', 'channels/payment.commands/pause');
    const groups = ['payment'];
    expect(paused).toEqual({
      status: 200,
      body: { name: 'payment.commands', paused: true, groups },
    });
    const { body } = await send('GET', 'channels');
    expect(body.items.map((each: { paused: boolean }) => each.paused)).toEqual([true, false]);
    expect((await send('GET', 'channels/payment.commands')).body).toMatchObject({ paused: true });
    const resumed = await send('POST', 'channels/payment.commands/resume');
    expect(resumed.body).toEqual({ name: 'payment.commands', paused: false, groups });
    expect([payment.control.done, order.control.done]).toEqual([
      ['pause payment.commands', 'resume payment.commands'],
      [],
    ]);
  });

  it('fails while a service does not answer', async () => {
    order.away = true;
    expect(await send('POST', 'channels/payment.commands/pause')).toMatchObject({ status: 503 });
    expect(await send('GET', 'channels/order.commands')).toMatchObject({ status: 503 });
  });

  it('is refused where the broker cannot do it, with its reason', async () => {
    payment.control.refuses = 'browse';
    const { status, body } = await send('GET', 'channels/payment.commands/messages');
    expect([status, body.code, body.detail]).toEqual([
      409,
      'not_supported',
      'embedded cannot browse: it is a fake',
    ]);
  });

  it.each(['earliest', 'latest', 7, '2026-11-30T12:00:00Z'])('moves a group to %s', async (to) => {
    const moved = await send('POST', 'channels/payment.commands/seek', { group: 'payment', to });
    expect(moved).toEqual({ status: 202, body: { name: 'payment.commands', group: 'payment' } });
    expect(payment.control.done).toHaveLength(1);
  });

  it('knows no other groups of the channel', async () => {
    const where = { group: 'order', to: 'latest' };
    expect(await send('POST', 'channels/payment.commands/seek', where)).toMatchObject({
      status: 404,
    });
  });

  it('purges once its name is confirmed', async () => {
    const path = 'channels/payment.commands/purge';
    const other = await send('POST', path, { confirm: 'order.commands' });
    expect(other).toMatchObject({
      status: 422,
      body: { code: 'not_confirmed', errors: [{ path: '/confirm' }] },
    });
    expect(payment.control.done).toEqual([]);
    expect(await send('POST', path, { confirm: 'payment.commands' })).toEqual({
      status: 202,
      body: {
        name: 'payment.commands',
        purged: 6,
        groups: [{ service: 'payment', group: 'payment', purged: 6 }],
      },
    });
  });
});

describe('a message', () => {
  it('has the worst state of its places', async () => {
    payment.messages.place('completed', 'inbox');
    order.messages.place('failed', 'deferred');
    const { body } = await send('GET', `messages/${id}`);
    expect(body).toMatchObject({ id, state: 'failed', partition: 1, offset: null, missing: [] });
    expect(body.places).toHaveLength(2);
  });

  it('is unknown only if every service answers', async () => {
    expect(await send('GET', `messages/${id}`)).toMatchObject({ status: 404 });
    order.messages.away = true;
    expect(await send('GET', `messages/${id}`)).toMatchObject({ status: 503 });
  });
});

it('deferred messages are listed page by page, over all services and for one group', async () => {
  for (const { messages, service } of services) {
    messages.defer(service);
    messages.defer('shared');
  }
  const pages: string[] = [];
  let cursor: string | null = '';
  while (cursor !== null) {
    const next: string = cursor === '' ? '' : `&cursor=${cursor}`;
    const { body } = await send('GET', `deferred?limit=3${next}`);
    pages.push(...body.items.map((each: { service: string; group: string }) => each.group));
    cursor = body.nextCursor;
  }
  expect(pages).toEqual(['order', 'shared', 'payment', 'shared']);
  const { body } = await send('GET', 'deferred?group=shared');
  expect(body.items).toHaveLength(2);
});

describe('what is malformed', () => {
  it.each([
    ['GET', 'channels/payment.commands/messages?limit=0', undefined, '/limit'],
    ['GET', 'channels/payment.commands/messages?limit=201', undefined, '/limit'],
    ['GET', 'channels/payment.commands/messages?wait=31s', undefined, '/wait'],
    ['GET', 'channels/payment.commands/messages?wait=soon', undefined, '/wait'],
    ['POST', 'channels/payment.commands/seek', { group: 'payment' }, '/to'],
    ['POST', 'channels/payment.commands/seek', { group: 'payment', to: 'now' }, '/to'],
    ['POST', 'channels/payment.commands/seek', { group: 'payment', to: -1 }, '/to'],
    ['POST', 'channels/payment.commands/seek', { group: '', to: 1 }, '/group'],
    ['POST', 'channels/payment.commands/purge', {}, '/confirm'],
    ['POST', 'channels/payment.commands/purge', { confirm: 'x', all: true }, '/all'],
    ['GET', 'deferred?cursor=x', undefined, '/cursor'],
    ['GET', `messages/${'1'.repeat(101)}`, undefined, '/id'],
  ] as const)('%s %s %j is refused', async (method, path, payload, field) => {
    const { status, body } = await send(method, path, payload);
    expect([status, body.code]).toEqual([400, 'invalid_request']);
    expect(body.errors.map((error: { path: string }) => error.path)).toContain(field);
  });
});

it('is for operators', async () => {
  for (const path of ['channels/payment.commands', 'deferred', `messages/${id}`])
    expect(await send('GET', path, undefined, 'ada')).toMatchObject({ status: 403 });
});
