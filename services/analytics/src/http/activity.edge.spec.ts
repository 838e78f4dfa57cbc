import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { ActivityRecorded, DataOf } from '@waybill/contracts';
import { type EdgeApp, edgeApp } from '@waybill/http/testing';
import { CLOCK, Ingest } from '@waybill/messaging';
import { HandClock } from '@waybill/messaging/testing';
import { CONFIG } from '@waybill/service';
import { analyticsConfig } from '../analytics.config.ts';
import { KeptSessions } from '../storage/kept-sessions.ts';
import { ActivityController } from './activity.controller.ts';
import { NetworkLimit } from './network-limit.ts';
import { SessionRoom } from './session-room.ts';

let edge: EdgeApp;
let taken: DataOf<typeof ActivityRecorded>[];
let refusal: Error | undefined;
let isFull: boolean;
let kept: readonly string[];
const clock = new HandClock(Date.parse('2026-01-01T12:00:00Z'));

const ingest = {
  ingest: async (_: unknown, batch: DataOf<typeof ActivityRecorded>[]) => {
    taken.push(...batch);
    return batch.map(({ eventId: id }, at) =>
      refusal && at === 0 ? { id, error: refusal } : { id },
    );
  },
};

beforeAll(async () => {
  edge = await edgeApp([ActivityController], {
    providers: [
      { provide: Ingest, useValue: ingest },
      NetworkLimit,
      {
        provide: KeptSessions,
        useValue: { have: async (ids: readonly string[]) => ids.every((id) => kept.includes(id)) },
      },
      { provide: SessionRoom, useValue: { admits: async () => !isFull } },
      { provide: CLOCK, useValue: clock },
      {
        provide: CONFIG,
        useValue: analyticsConfig.parse({ ACTIVITY_LIMIT: '1000', SESSIONS_PER_ADDRESS: '3' }),
      },
    ],
  });
});
beforeEach(() => {
  taken = [];
  refusal = undefined;
  isFull = false;
  kept = [];
  clock.advance(60_000);
});
afterAll(() => edge?.app.close());

const activity = {
  type: 'view_product',
  sessionId: 'session-1',
  occurredAt: '2026-01-01T12:00:00Z',
  properties: { sku: 'MUG' },
};

async function report(body: unknown, token?: string, network?: string) {
  const response = await edge.fastify.inject({
    method: 'POST',
    url: '/api/v1/activity',
    headers: {
      ...(token ? { authorization: `Bearer ${token}` } : {}),
      ...(network ? { 'x-visitor-network': network } : {}),
    },
    payload: body as object,
  });
  const { code, errors } = response.json();
  const retryAfter = response.headers['retry-after'];
  return { status: response.statusCode, code, errors, retryAfter, json: response.json() };
}

describe('POST /api/v1/activity', () => {
  it('takes one activity, or a list, anonymous or of a known customer', async () => {
    expect(await report(activity)).toMatchObject({ status: 202, json: { accepted: 1 } });
    expect(await report([activity, { ...activity, type: 'login' }], 'ada')).toMatchObject({
      status: 202,
      json: { accepted: 2 },
    });
    expect(taken.map(({ type, customerId }) => [type, customerId])).toEqual([
      ['view_product', undefined],
      ['view_product', expect.stringMatching(/ada0$/)],
      ['login', expect.stringMatching(/ada0$/)],
    ]);
  });

  it('has the country that the gateway found, and no other', async () => {
    const from = async (country: string) => {
      const headers = { 'x-visitor-country': country };
      await edge.fastify.inject({
        method: 'POST',
        url: '/api/v1/activity',
        headers,
        payload: activity,
      });
      return taken.at(-1)?.country;
    };
    expect([await from('DE'), await from('de'), await from('GERMANY')]).toEqual([
      'DE',
      undefined,
      undefined,
    ]);
  });

  it('gives a report that is sent again the same id: its own, or that of its content', async () => {
    const eventId = '01890a5d-ac96-774b-bcce-b302099a8057';
    const other = { ...activity, properties: { sku: 'LAMP' } };
    await report([activity, activity, other, { ...activity, eventId }]);
    const [one, same, different, own] = taken.map((each) => each.eventId);
    expect([same === one, different === one, own]).toEqual([true, false, eventId]);
  });

  it.each([
    ['a type that nobody knows', { type: 'hover' }, '/1/type'],
    ['no session', { sessionId: '' }, '/1/sessionId'],
    ['a long session', { sessionId: 's'.repeat(101) }, '/1/sessionId'],
    ['a time that is none', { occurredAt: 'today' }, '/1/occurredAt'],
    ['a time to come', { occurredAt: '2027-01-01T00:00:00Z' }, '/1/occurredAt'],
    ['nested properties', { properties: { a: { b: 1 } } }, '/1/properties/a'],
    ['a long property', { properties: { a: 'x'.repeat(1_001) } }, '/1/properties/a'],
    ['an unknown field', { customerId: 'ada' }, '/1/customerId'],
    ['an id that is no UUID', { eventId: '1' }, '/1/eventId'],
    [
      'many properties',
      { properties: Object.fromEntries(Array.from({ length: 51 }, (_, n) => [`p${n}`, n])) },
      '/1/properties',
    ],
    [
      'large properties',
      { properties: Object.fromEntries([1, 2, 3, 4, 5].map((n) => [`p${n}`, 'x'.repeat(999)])) },
      '/1/properties',
    ],
  ])('refuses %s, and names the activity and the field', async (_, wrong, path) => {
    const { status, code, errors } = await report([activity, { ...activity, ...wrong }]);
    expect([status, code, errors[0].path]).toEqual([400, 'invalid_request', path]);
    expect(taken).toEqual([]);
    const single = await report({ ...activity, ...wrong });
    expect(single.errors[0].path).toBe(path.slice(2));
  });

  it.each([
    ['an empty list', [], ''],
    ['501 activities', Array.from({ length: 501 }, () => activity), ''],
    ['nothing', {}, '/type'],
    ['a text', '"text"', ''],
  ])('refuses %s', async (_, body, path) => {
    const { status, errors } = await report(body);
    expect([Math.floor(status / 100), errors?.[0]?.path ?? path]).toEqual([4, path]);
  });

  it('refuses a session that reports too much in a minute, and no other one', async () => {
    const many = Array.from({ length: 500 }, () => activity);
    expect((await report(many)).status).toBe(202);
    expect((await report(many)).status).toBe(202);
    expect(await report(activity)).toMatchObject({ status: 429, code: 'too_many_requests' });
    expect((await report({ ...activity, sessionId: 'session-2' })).status).toBe(202);
    clock.advance(60_000);
    expect((await report(activity)).status).toBe(202);
  });

  it('refuses new anonymous sessions of an address that has reported so many in an hour', async () => {
    const of = (...ids: readonly string[]) => ids.map((sessionId) => ({ ...activity, sessionId }));
    const from = async (network: string, ...ids: readonly string[]) =>
      (await report(of(...ids), undefined, network)).status;
    clock.advance(3_600_000);
    expect([await from('n1', 'a', 'b', 'a'), await from('n1', 'c', 'd')]).toEqual([202, 429]);
    // The refused report counted none.
    expect([await from('n1', 'c'), await from('n1', 'a', 'b', 'c')]).toEqual([202, 202]);
    clock.advance(600_000);
    expect(await report(of('d'), undefined, 'n1')).toMatchObject({
      status: 429,
      code: 'too_many_requests',
      retryAfter: '3000',
    });
    // Not another address, a customer, or a session whose states are kept.
    expect(await from('n2', 'd')).toBe(202);
    expect((await report(of('e'), 'ada', 'n1')).status).toBe(202);
    kept = ['f'];
    expect([await from('n1', 'a', 'f'), await from('n1', 'f', 'g')]).toEqual([202, 429]);
    clock.advance(3_000_000);
    expect(await from('n1', 'g')).toBe(202);
  });

  it('refuses anonymous sessions when there is no room for them, and no customer', async () => {
    isFull = true;
    expect(await report(activity)).toMatchObject({ status: 429, code: 'too_many_requests' });
    expect(taken).toEqual([]);
    expect((await report(activity, 'ada')).status).toBe(202);
  });

  it('asks to send the report again if the broker did not take all of it', async () => {
    refusal = new Error('no confirm');
    expect(await report([activity, activity])).toMatchObject({ status: 503, code: 'unavailable' });
  });
});
