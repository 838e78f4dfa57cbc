import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type EdgeApp, edgeApp } from '@waybill/http/testing';
import { SystemFaults } from '@waybill/service';
import { FakeOperations } from '@waybill/service/testing';
import { FaultsController } from './faults.controller.ts';

const payment = new FakeOperations('payment');
const order = new FakeOperations('order');
let edge: EdgeApp;
beforeAll(async () => {
  edge = await edgeApp([FaultsController], {
    providers: [{ provide: SystemFaults, useValue: new SystemFaults([payment, order]) }],
  });
});
afterAll(() => edge.app.close());
beforeEach(async () => {
  for (const { faults } of [payment, order]) {
    Object.assign(faults, { allowed: true, away: false, effect: 'failure' });
    await faults.clear();
  }
});

const send = async (method: 'GET' | 'PUT' | 'DELETE', path = '', payload?: object) => {
  const answer = await edge.fastify.inject({
    method,
    url: `/api/v1/faults${path}`,
    headers: { authorization: 'Bearer operator' },
    ...(payload ? { payload } : {}),
  });
  return { status: answer.statusCode, headers: answer.headers, body: answer.json() };
};

it('sets a fault at the service that has it, in the name of the operator', async () => {
  const set = await send('PUT', '/payment', { share: 0.3, latencyMs: 50 });
  expect(set.status).toBe(200);
  expect(set.body).toMatchObject({ name: 'payment', share: 0.3, latencyMs: 50 });
  expect(set.body.setBy).not.toBeNull();
  const { body } = await send('GET');
  expect(body).toMatchObject({
    items: [
      { name: 'payment', share: 0.3 },
      { name: 'order', share: 0 },
    ],
    nextCursor: null,
    missing: [],
  });
  expect((await send('DELETE')).body).toEqual({ services: ['payment', 'order'], missing: [] });
  const after = (await send('GET')).body.items as { share: number }[];
  expect(after.map(({ share }) => share)).toEqual([0, 0]);
});

it('shows one fault by its name', async () => {
  await send('PUT', '/payment', { share: 0.3 });
  const { status, body } = await send('GET', '/payment');
  expect([status, body]).toEqual([200, (await send('GET')).body.items[0]]);
});

it('takes what is left out as 0', async () => {
  expect((await send('PUT', '/order', { share: 1 })).body).toMatchObject({ latencyMs: 0 });
  expect((await send('PUT', '/order', {})).body).toMatchObject({ share: 0, latencyMs: 0 });
});

it('sets an outage by its latency alone', async () => {
  order.faults.effect = 'outage';
  const wrong = await send('PUT', '/order', { share: 0.5, latencyMs: 100 });
  expect([wrong.status, wrong.body.errors]).toMatchObject([400, [{ path: '/share' }]]);
  const set = await send('PUT', '/order', { latencyMs: 100 });
  expect(set.body).toMatchObject({ effect: 'outage', latencyMs: 100 });
});

it('has no others, and says which there are', async () => {
  for (const { status, body } of [await send('GET', '/nobody'), await send('PUT', '/nobody', {})]) {
    expect([status, body.code]).toEqual([404, 'unknown_fault']);
    expect(body.detail).toContain('order, payment');
  }
});

it('names the services that did not answer, and does not know their faults', async () => {
  payment.faults.away = true;
  const { body } = await send('GET');
  expect([body.items.length, body.missing]).toEqual([1, ['payment']]);
  expect((await send('DELETE')).body).toEqual({ services: ['order'], missing: ['payment'] });
  for (const { status, headers } of [
    await send('GET', '/payment'),
    await send('PUT', '/payment', {}),
  ])
    expect([status, headers['retry-after']]).toEqual([503, '2']);
  expect((await send('PUT', '/order', {})).status).toBe(200);
});

it.each([
  [{ share: 1.1 }, '/share'],
  [{ share: -1 }, '/share'],
  [{ share: '1' }, '/share'],
  [{ latencyMs: 60_001 }, '/latencyMs'],
  [{ latencyMs: 0.5 }, '/latencyMs'],
  [{ latencyMs: -1 }, '/latencyMs'],
  [{ down: true }, '/down'],
])('refuses %j', async (wrong, path) => {
  const { status, body } = await send('PUT', '/order', wrong);
  expect([status, body.code]).toEqual([400, 'invalid_request']);
  expect(body.errors.map((error: { path: string }) => error.path)).toContain(path);
});

describe('where faults are not allowed', () => {
  beforeEach(() => {
    for (const { faults } of [payment, order]) faults.allowed = false;
  });

  it('every route says so', async () => {
    for (const answer of [
      send('GET'),
      send('GET', '/order'),
      send('PUT', '/order', { share: 1 }),
      send('DELETE'),
    ])
      expect(await answer).toMatchObject({ status: 403, body: { code: 'faults_not_allowed' } });
  });
});

it('is for operators', async () => {
  const answer = await edge.fastify.inject({
    url: '/api/v1/faults',
    headers: { authorization: 'Bearer ada' },
  });
  expect(answer.json()).toMatchObject({ status: 403, code: 'forbidden' });
});
