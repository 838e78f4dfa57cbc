import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { command, type Envelope, encode, newId, seal, sensitive } from '@waybill/contracts';
import { emptyBatch } from '@waybill/messaging';
import { PgStore } from '@waybill/persistence';
import { type TestDatabase, testDatabase } from '@waybill/persistence/testing';
import { z } from 'zod';
import { NoSuchDeadLetter, NotRedrivable } from './dead-letter.ts';
import { DeadLetters } from './dead-letters.ts';

const ChargeCard = command('payment.charge-card', {
  schema: z.strictObject({
    orderId: z.string(),
    amount: z.int().min(1),
    token: sensitive(z.string()),
  }),
  key: ({ orderId }) => orderId,
  summary: 'For this test.',
});

let database: TestDatabase;
let store: PgStore;
let letters: DeadLetters;
let woken: string[];

beforeAll(async () => {
  database = await testDatabase();
  store = new PgStore(database.pool, database.schema);
}, 60_000);
afterAll(() => database?.close());
beforeEach(async () => {
  await database.pool.query('truncate dead_letter, dead_letter_audit, parked, inbox');
  woken = [];
  letters = new DeadLetters({
    service: 'payment',
    pool: database.pool,
    contracts: [ChargeCard],
    wake: (group) => woken.push(group),
  });
});

const envelopeOf = (orderId: string): Envelope => {
  const id = newId();
  const cause = { id, correlationId: id, traceparent: null };
  const message = ChargeCard({ orderId, amount: 5, token: 'tok_visa' });
  return seal(message, { cause, source: 'order', now: new Date(), name: 'charge' });
};

interface Death {
  readonly orderId?: string;
  readonly at?: string;
  readonly group?: string;
  readonly body?: string;
}

/** Buries a message as the consumer does; returns its dead letter's id and its envelope. */
async function die({ orderId = 'o', at, group = 'payment', body }: Death = {}) {
  const envelope = envelopeOf(orderId);
  const id = newId();
  const readable = body === undefined;
  const now = at ?? new Date().toISOString();
  await store.commit({
    ...emptyBatch,
    inbox: readable ? [inboxRow(envelope, group, now)] : [],
    bury: [
      {
        id,
        group,
        messageId: readable ? envelope.id : null,
        shard: 3,
        key: readable ? envelope.key : null,
        type: readable ? envelope.type : null,
        channel: 'payment.commands',
        handler: readable ? `${group}:${envelope.type}` : null,
        body: body ?? encode(envelope),
        attempts: 5,
        code: 'handler_failed',
        error: 'no',
        stack: 'at decide',
        firstAt: now,
        at: now,
      },
    ],
  });
  return { id: `payment.${id}`, envelope };
}

const inboxRow = (envelope: Envelope, group: string, at: string) => ({
  group,
  messageId: envelope.id,
  key: envelope.key,
  type: envelope.type,
  source: envelope.source,
  correlationId: envelope.correlationId,
  causationId: envelope.causationId,
  channel: 'payment.commands',
  broker: 'embedded',
  attempt: 5,
  outcome: 'dead' as const,
  at,
  durationMs: 1,
  first: true,
});

const outcomeOf = async (envelope: Envelope) =>
  (await database.pool.query('select outcome from inbox where message_id = $1', [envelope.id]))
    .rows[0]?.outcome as string;

describe('listing', () => {
  it('shows the newest first and goes on behind a place, also one of another service', async () => {
    const ids: string[] = [];
    for (let i = 0; i < 5; i += 1) {
      ids.unshift((await die({ at: `2026-01-0${i + 1}T00:00:00.000Z` })).id);
    }
    const first = await letters.list({}, 2);
    expect(first.map(({ id }) => id)).toEqual(ids.slice(0, 2));
    const rest = await letters.list({}, 10, first.at(-1));
    expect(rest.map(({ id }) => id)).toEqual(ids.slice(2));
    const at = '2026-01-03T00:00:00.000Z';
    const behindZ = await letters.list({}, 10, { at, id: `zoo.${newId()}` });
    expect(behindZ.map(({ id }) => id)).toEqual(ids.slice(2));
    const behindA = await letters.list({}, 10, { at, id: `analytics.${newId()}` });
    expect(behindA.map(({ id }) => id)).toEqual(ids.slice(3));
  });

  it('filters by channel, type, handler and group', async () => {
    const { id } = await die();
    await die({ group: 'audit' });
    await die({ body: 'no envelope' });
    const idsWith = async (filter: Parameters<DeadLetters['list']>[0]) =>
      (await letters.list(filter, 10)).length;
    expect(await idsWith({ channel: 'payment.commands' })).toBe(3);
    expect(await idsWith({ type: 'payment.charge-card' })).toBe(2);
    expect(await idsWith({ handler: 'audit' })).toBe(1);
    const one = await letters.list({ handler: 'payment:payment.charge-card' }, 10);
    expect(one.map((letter) => letter.id)).toEqual([id]);
  });
});

describe('reading', () => {
  it('shows headers, cause and data, and hides what is sensitive', async () => {
    const { id, envelope } = await die();
    const letter = await letters.read(id);
    expect(letter.data).toEqual({ orderId: 'o', amount: 5, token: '***' });
    expect(letter.headers).toMatchObject({ id: envelope.id, type: 'payment.charge-card' });
    expect(letter).toMatchObject({ error: 'no', stack: 'at decide', attempts: 5, body: null });
  });

  it('shows bytes that are no envelope as they came', async () => {
    const { id } = await die({ body: 'junk\0\ud800' });
    expect(await letters.read(id)).toMatchObject({ body: 'junk\0\ud800', redrivable: false });
  });

  it('knows only its own', async () => {
    const { id } = await die();
    const foreign = id.replace('payment.', 'order.');
    await expect(letters.read(foreign)).rejects.toThrow(NoSuchDeadLetter);
    await expect(letters.read(`payment.${newId()}`)).rejects.toThrow(NoSuchDeadLetter);
    await expect(letters.read('payment.x')).rejects.toThrow(NoSuchDeadLetter);
  });
});

describe('redriving', () => {
  it('parks the message, due now, with all its attempts ahead, and wakes its group', async () => {
    const { id, envelope } = await die();
    await letters.redrive(id, { by: 'ops@example.com' });
    const [row] = await store.due('payment', [3], 10);
    expect(row).toMatchObject({
      messageId: envelope.id,
      reason: 'redriven',
      attempt: 0,
      body: encode(envelope),
    });
    expect(await store.parkedKeys('payment', [3])).toEqual(new Map());
    expect(await outcomeOf(envelope)).toBe('parked');
    expect(woken).toEqual(['payment']);
    await expect(letters.read(id)).rejects.toThrow(NoSuchDeadLetter);
    await expect(letters.redrive(id, { by: 'ops' })).rejects.toThrow(NoSuchDeadLetter);
  });

  it('takes edited data, and keeps the original and who did it', async () => {
    const { id, envelope } = await die();
    const data = { orderId: 'o', amount: 7, token: 'tok_mastercard' };
    await letters.redrive(id, { by: 'ops@example.com', data });
    const [row] = await store.due('payment', [3], 10);
    expect(JSON.parse(row?.body ?? '')).toEqual({ ...envelope, data });
    expect(await letters.audit(id)).toEqual([
      { action: 'redriven', by: 'ops@example.com', at: expect.any(String), edited: true },
    ]);
    const { rows } = await database.pool.query('select original from dead_letter_audit');
    expect(rows[0].original.body).toBe(encode(envelope));
  });

  it('refuses edited data that do not fit the schema, and bytes that are no message', async () => {
    const { id } = await die();
    await expect(letters.redrive(id, { by: 'ops', data: { amount: 0 } })).rejects.toMatchObject({
      code: 'invalid_message',
    });
    const junk = await die({ body: 'junk' });
    await expect(letters.redrive(junk.id, { by: 'ops' })).rejects.toThrow(NotRedrivable);
    expect(await letters.list({}, 10)).toHaveLength(2);
  });

  it('gives a message whose key it holds its old place back', async () => {
    const { id, envelope } = await die();
    const parked = (messageId: string, reason: 'held' | 'behind') => ({
      group: 'payment',
      messageId,
      shard: 3,
      key: 'o',
      channel: 'payment.commands',
      body: '{}',
      attempt: 5,
      firstAt: envelope.occurredAt,
      dueAt: null,
      reason,
      error: null,
    });
    const park = [parked(envelope.id, 'held'), parked(newId(), 'behind')];
    await store.commit({ ...emptyBatch, park });
    expect(await store.due('payment', [3], 10)).toEqual([]);
    await letters.redrive(id, { by: 'ops' });
    const due = await store.due('payment', [3], 10);
    expect(due.map(({ messageId }) => messageId)).toEqual([envelope.id]);
  });

  it('redrives many in the order in which they died, and leaves what does not match', async () => {
    const orders = Array.from({ length: 250 }, (_, i) => `order-${i}`);
    for (const orderId of orders) await die({ orderId });
    await die({ group: 'audit' });
    await die({ body: 'junk' });
    expect(await letters.redriveMany({ handler: 'payment' }, 'ops')).toBe(250);
    const { rows } = await database.pool.query('select key from parked order by seq');
    expect(rows.map(({ key }) => key)).toEqual(orders);
    expect(await letters.list({}, 10)).toHaveLength(2);
  });
});

describe('discarding', () => {
  it('gives the message up, frees its key and is audited', async () => {
    const { id, envelope } = await die();
    await letters.discard(id, 'ops@example.com');
    expect(await outcomeOf(envelope)).toBe('discarded');
    expect(await letters.list({}, 10)).toEqual([]);
    expect(await letters.audit(id)).toMatchObject([{ action: 'discarded', edited: false }]);
    expect(woken).toEqual(['payment']);
  });
});
