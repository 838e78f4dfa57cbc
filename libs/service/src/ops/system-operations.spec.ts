import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { Problem, ServiceTokens } from '@waybill/http';
import { type EdgeApp, edgeApp, testSecret } from '@waybill/http/testing';
import { HandClock } from '@waybill/messaging/testing';
import { ChannelOperationsController } from '../channels/channel-operations.controller.ts';
import { RedrivesController } from '../redrives/redrives.controller.ts';
import { FakeOperations, journeyRow } from '../testing/fake-operations.ts';
import { OperationsController } from './operations.controller.ts';
import { OPERATIONS } from './operations.ts';
import { RemoteOperations } from './remote-operations.ts';
import { SystemOperations } from './system-operations.ts';

const at = (second: number): string => `2026-11-21T12:00:0${second}.000Z`;

const system = () => {
  const [order, payment] = [new FakeOperations('order'), new FakeOperations('payment')];
  return { order, payment, all: new SystemOperations([order, payment]) };
};

describe('the operations of a system', () => {
  it('put a journey in causal order, whatever the clocks say', async () => {
    const { order, payment, all } = system();
    order.rows = [
      journeyRow('order', 'placed', null, at(5)),
      journeyRow('order', 'authorized', 'authorize', at(6)),
      journeyRow('order', 'cancelled', null, at(9)),
    ];
    payment.rows = [journeyRow('payment', 'authorize', 'placed', at(1))];
    const { items, missing } = await all.journey('order-1');
    expect(items.map(({ messageId }) => messageId)).toEqual([
      'placed',
      'authorize',
      'authorized',
      'cancelled',
    ]);
    expect(missing).toEqual([]);
  });

  it('keep a row whose cause nobody has seen, and end although rows cause each other', async () => {
    const { order, all } = system();
    order.rows = [
      journeyRow('order', 'a', 'unknown', at(2)),
      journeyRow('order', 'b', 'b', at(1)),
      journeyRow('order', 'b', 'b', at(3)),
    ];
    const { items } = await all.journey('order-1');
    expect(items.map(({ messageId }) => messageId)).toEqual(['b', 'a', 'b']);
  });

  it('name the services that gave no answer', async () => {
    const { order, payment, all } = system();
    payment.away = true;
    order.rows = [journeyRow('order', 'a', null, at(1))];
    expect(await all.journey('order-1')).toMatchObject({ missing: ['payment'] });
    expect(await all.channels()).toMatchObject({
      items: [{ service: 'order' }],
      missing: ['payment'],
    });
    expect((await all.metricsSummary(new Date())).missing).toEqual(['payment']);
    expect((await all.deadLetters({}, 10)).missing).toEqual(['payment']);
  });

  it('page through the dead letters of all services, each once, newest first', async () => {
    const { order, payment, all } = system();
    for (let i = 0; i < 7; i += 1) {
      order.deadLetter(i, at(i % 3));
      payment.deadLetter(i, at(i % 2));
    }
    const seen: { id: string; at: string }[] = [];
    let cursor: string | undefined;
    do {
      const page = await all.deadLetters({}, 3, cursor);
      seen.push(...page.items);
      cursor = page.nextCursor ?? undefined;
    } while (cursor !== undefined);
    expect(seen).toHaveLength(14);
    expect(new Set(seen.map(({ id }) => id)).size).toBe(14);
    expect(seen.map((letter) => letter.at)).toEqual(
      seen
        .map((letter) => letter.at)
        .sort()
        .reverse(),
    );
  });

  it('bring what is done to one dead letter to its owner, and know none of nobody', async () => {
    const { order, payment, all } = system();
    payment.deadLetter(1, at(1));
    const id = payment.letters[0]?.id ?? '';
    await all.redrive(id, { by: 'ops' });
    await all.discard(id, 'ops');
    expect(payment.done).toEqual([`redrive ${id} ops`, `discard ${id} ops`]);
    expect(await all.deadLetter(id)).toMatchObject({ id });
    expect(() => all.deadLetter(id.replace('payment', 'nobody'))).toThrow(
      'there is no dead letter',
    );
    expect(() => all.deadLetter('x')).toThrow('there is no dead letter');
    expect(order.done).toEqual([]);
  });

  it('give the original of a dead letter and its audit, page by page', async () => {
    const { payment, all } = system();
    payment.deadLetter(1, at(1));
    const id = payment.letters[0]?.id ?? '';
    const entry = { action: 'read', by: 'ops', at: at(1), edited: false, reason: 'why' } as const;
    payment.entries = [1, 2, 3].map((seq) => ({ ...entry, seq }));
    const original = await all.original(id, { by: 'ops', reason: 'why' });
    expect(original).toEqual(Buffer.from([0xff, 0x00, 0x61]));
    expect(payment.done).toEqual([`original ${id} ops why`]);
    const first = await all.deadLetterAudit(id, 2);
    expect(first.items).toEqual([entry, entry]);
    const rest = await all.deadLetterAudit(id, 2, first.nextCursor ?? '');
    expect(rest).toEqual({ items: [entry], nextCursor: null });
    const other = id.replace('0001', '0002');
    await expect(all.deadLetterAudit(other, 2, first.nextCursor ?? '')).rejects.toMatchObject({
      status: 400,
    });
  });

  it('redrive many as one job, whose rate the services share', async () => {
    const { order, payment, all } = system();
    for (const n of [1, 2, 3]) order.deadLetter(n, at(n));
    payment.deadLetter(1, at(1));
    const filter = { channel: 'c' };
    const job = await all.redriveMany({ filter, ratePerSecond: 20, by: 'ops' });
    expect(job).toMatchObject({
      id: expect.stringMatching(/^all\./),
      kind: 'redrive-dead-letters',
      state: 'running',
      progress: 0.5,
      counts: { expected: 4, redriven: 2 },
      requestedBy: 'ops',
    });
    const id = job.id.slice('all.'.length);
    expect(order.begun).toEqual([{ id, filter, ratePerSecond: 15, by: 'ops' }]);
    expect(payment.begun).toEqual([{ id, filter, ratePerSecond: 5, by: 'ops' }]);
    expect(await all.job(job.id)).toEqual(job);
    expect(await all.latestRedrives()).toEqual({ items: [job], missing: [] });
    payment.away = true;
    expect(await all.latestRedrives()).toMatchObject({
      items: [{ id: job.id, counts: { expected: 3, redriven: 1 } }],
      missing: ['payment'],
    });
    payment.away = false;
    await expect(all.job('all.x')).rejects.toMatchObject({ status: 404 });
  });

  it('redrive many nowhere unless every service answers', async () => {
    const { order, payment, all } = system();
    order.deadLetter(1, at(1));
    payment.away = true;
    const redriven = all.redriveMany({ filter: {}, ratePerSecond: 1, by: 'ops' });
    await expect(redriven).rejects.toMatchObject({ status: 503 });
    expect(order.begun).toEqual([]);
  });
});

describe('operations in another process', () => {
  const clock = new HandClock();
  const there = new FakeOperations('payment');
  let edge: EdgeApp;
  let remote: RemoteOperations;
  beforeAll(async () => {
    edge = await edgeApp([OperationsController, ChannelOperationsController, RedrivesController], {
      clock,
      providers: [{ provide: OPERATIONS, useValue: there }],
    });
    const url = await edge.fastify.listen({ host: '127.0.0.1', port: 0 });
    remote = new RemoteOperations('payment', url, new ServiceTokens('gateway', testSecret, clock));
    there.deadLetter(1, at(1));
    there.deadLetter(2, at(2));
    there.rows = [journeyRow('payment', 'authorize', 'placed', at(1))];
  });
  afterAll(() => edge.app.close());

  it('answer as those in this one', async () => {
    const [first, second] = there.letters;
    expect(await remote.journey('order-1')).toEqual(there.rows);
    expect(await remote.channels()).toEqual(there.control.reports());
    expect(await remote.deadLetters.list({}, 1)).toEqual([second]);
    const after = { at: second?.at ?? '', id: second?.id ?? '' };
    expect(await remote.deadLetters.list({}, 5, after)).toEqual([first]);
    expect(await remote.deadLetters.read(first?.id ?? '')).toEqual(first);
    there.entries = [
      { seq: 7, action: 'read', by: 'ops', at: at(1), edited: false, reason: 'why' },
    ];
    const how = { by: 'ops@example.com', reason: 'ticket 7 — ünïcode & more' };
    const { base64 } = await remote.deadLetters.original(first?.id ?? '', how);
    expect(Buffer.from(base64, 'base64')).toEqual(Buffer.from([0xff, 0x00, 0x61]));
    expect(there.done.splice(0)).toEqual([`original ${first?.id} ${how.by} ${how.reason}`]);
    expect(await remote.deadLetters.audit(first?.id ?? '', 5)).toEqual(there.entries);
    expect(await remote.deadLetters.audit(first?.id ?? '', 5, 7)).toEqual([]);
    await remote.deadLetters.redrive(first?.id ?? '', { by: 'ops', data: { a: 1 } });
    await remote.deadLetters.discard(first?.id ?? '', 'ops');
    expect(there.done).toEqual([`redrive ${first?.id} ops`, `discard ${first?.id} ops`]);
    const request = { filter: { type: 't' }, ratePerSecond: 0.5, by: 'ops' };
    await remote.redrives.begin('01980000-0000-7000-8000-000000000001', request);
    expect(await remote.redrives.count(request.filter)).toBe(2);
    expect(await remote.redrives.latest()).toEqual(await there.redrives.latest());
    expect(there.begun).toEqual([{ id: '01980000-0000-7000-8000-000000000001', ...request }]);
  });

  it('operate channels as those in this one', async () => {
    const { control } = remote;
    expect(await control.pause('payment.commands', 'ops')).toEqual(['payment']);
    expect(await control.resume('payment.commands', 'ops')).toEqual(['payment']);
    const purged = { service: 'payment', group: 'payment', purged: 6 };
    expect(await control.purge('payment.commands', 'ops')).toEqual([purged]);
    for (const to of ['latest', 7, new Date(0)] as const) await control.seek('payment', to, 'ops');
    expect(there.control.done).toEqual([
      'pause payment.commands',
      'resume payment.commands',
      'purge payment.commands',
      'seek payment latest',
      'seek payment 7',
      'seek payment 1970-01-01T00:00:00.000Z',
    ]);
    there.control.refuses = 'browse';
    await expect(control.browse('payment.commands', 5)).rejects.toMatchObject({
      status: 409,
      code: 'not_supported',
    });
    there.messages.place('completed', 'inbox');
    there.messages.defer('payment');
    expect(await remote.messages.places('x')).toEqual(there.messages.found);
    expect(await remote.messages.deferred({ group: 'payment' }, 5)).toEqual(there.messages.waiting);
    expect(await remote.messages.deferred({}, 5, 1)).toEqual([]);
  });

  it('refuse as those in this one', async () => {
    await expect(remote.deadLetters.read('payment.x')).rejects.toMatchObject({
      status: 404,
      code: 'no_such_dead_letter',
    });
    const refusal = {
      errors: [{ path: '/data/amount', message: 'is too small' }],
      headers: { 'retry-after': '7' },
    };
    jest
      .spyOn(there.deadLetters, 'read')
      .mockRejectedValueOnce(new Problem(503, 'unavailable', 'away', refusal));
    await expect(remote.deadLetters.read('payment.x')).rejects.toMatchObject({
      status: 503,
      code: 'unavailable',
      ...refusal,
    });
  });

  it('open to services of this system only', async () => {
    const stranger = new ServiceTokens('gateway', 'another-secret-with-32-characters!', clock);
    const headers = { authorization: `Bearer ${await stranger.issue()}` };
    const response = await edge.fastify.inject({ url: '/internal/channels', headers });
    expect(response.statusCode).toBe(401);
  });
});
