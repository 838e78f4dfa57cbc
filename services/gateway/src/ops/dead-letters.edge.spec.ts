import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { type EdgeApp, edgeApp } from '@waybill/http/testing';
import { SystemOperations } from '@waybill/service';
import { FakeOperations } from '@waybill/service/testing';
import { DeadLettersController } from './dead-letters.controller.ts';

const payment = new FakeOperations('payment');
let edge: EdgeApp;
let id: string;
beforeAll(async () => {
  edge = await edgeApp([DeadLettersController], {
    providers: [{ provide: SystemOperations, useValue: new SystemOperations([payment]) }],
    problems: { no_such_dead_letter: 404 },
  });
  payment.deadLetter(1, '2026-01-01T00:00:00.000Z');
  id = payment.letters[0]?.id ?? '';
});
afterAll(() => edge.app.close());
beforeEach(() => {
  payment.done.length = 0;
});

const get = (path: string, token = 'operator') =>
  edge.fastify.inject({
    url: `/api/v1/dead-letters${path}`,
    headers: { authorization: `Bearer ${token}` },
  });

it('gives the original bytes to an operator who says why, and keeps who it was', async () => {
  const answer = await get(`/${id}/original?reason=ticket%207`);
  expect(answer.statusCode).toBe(200);
  expect(answer.rawPayload).toEqual(Buffer.from([0xff, 0x00, 0x61]));
  expect(answer.headers).toMatchObject({
    'content-type': 'application/octet-stream',
    'content-length': '3',
    'content-disposition': `attachment; filename="${id}.bin"`,
    'cache-control': 'no-store',
  });
  expect(payment.done).toEqual([expect.stringMatching(/^original payment\.\S+ \S+ ticket 7$/)]);
});

it.each([
  ['no reason', ''],
  ['an empty one', '?reason='],
  ['one of blanks', '?reason=%20%20'],
  ['one that is too long', `?reason=${'x'.repeat(501)}`],
  ['two', '?reason=a&reason=b'],
  ['something else', '?reason=a&why=b'],
])('does not give them for %s', async (_, query) => {
  const answer = await get(`/${id}/original${query}`);
  expect(answer.json()).toMatchObject({ status: 400, code: 'invalid_request' });
  expect(payment.done).toEqual([]);
});

it('shows the audit, and neither it nor the bytes to customers', async () => {
  payment.entries = [
    {
      seq: 1,
      action: 'read',
      by: 'ops',
      at: '2026-01-01T00:00:00.000Z',
      edited: false,
      reason: 'x',
    },
  ];
  expect((await get(`/${id}/audit`)).json()).toEqual({
    items: [
      { action: 'read', by: 'ops', at: '2026-01-01T00:00:00.000Z', edited: false, reason: 'x' },
    ],
    nextCursor: null,
  });
  for (const path of [`/${id}/audit`, `/${id}/original?reason=x`]) {
    expect((await get(path, 'ada')).statusCode).toBe(403);
  }
  const unknown = id.replace('payment.', 'nobody.');
  for (const path of [`/${unknown}/audit`, `/${unknown}/original?reason=x`]) {
    expect((await get(path)).json()).toMatchObject({ status: 404, code: 'no_such_dead_letter' });
  }
  expect(payment.done).toEqual([]);
});

it('lists the last redrives of many to operators, and takes no parameters', async () => {
  const request = { filter: {}, ratePerSecond: 1, by: 'ops' };
  await payment.redrives.begin('01980000-0000-7000-8000-000000000001', request);
  expect((await get('/redrives')).json()).toMatchObject({
    items: [{ id: 'all.01980000-0000-7000-8000-000000000001', requestedBy: 'ops' }],
    nextCursor: null,
    missing: [],
  });
  expect((await get('/redrives', 'ada')).statusCode).toBe(403);
  expect((await get('/redrives?limit=1')).statusCode).toBe(400);
});
