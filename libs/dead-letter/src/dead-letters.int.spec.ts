import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { command, type Envelope, encode, newId, sensitive, wrap } from '@waybill/message';
import { emptyBatch } from '@waybill/messaging';
import { PgStore } from '@waybill/persistence';
import { eventually, type TestDatabase, testDatabase } from '@waybill/persistence/testing';
import type { Pool } from 'pg';
import { z } from 'zod';
import { type DeadLetterFilter, NoSuchDeadLetter, NotRedrivable } from './dead-letter.ts';
import { DeadLetters, redriveSome, redriveTransient } from './dead-letters.ts';

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
  store = new PgStore(database.pool, database.tables);
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
  return wrap(message, { cause, source: 'order', now: new Date(), name: 'charge' });
};

interface Death {
  readonly orderId?: string;
  readonly envelope?: Envelope;
  readonly at?: string;
  readonly group?: string;
  readonly body?: string;
  readonly bytes?: Buffer;
  readonly channel?: string;
  readonly id?: string;
}

/** Dead-letters a message as the consumer does; returns the id of its dead letter and its envelope. */
async function die({
  orderId = 'o',
  envelope = envelopeOf(orderId),
  at,
  group = 'payment',
  body,
  bytes,
  channel = 'payment.commands',
  id = newId(),
}: Death = {}) {
  const readable = body === undefined;
  const now = at ?? new Date().toISOString();
  await store.commit({
    ...emptyBatch,
    inbox: readable ? [inboxRow(envelope, group, now)] : [],
    deadLetter: [
      {
        id,
        group,
        messageId: readable ? envelope.id : null,
        partition: 3,
        key: readable ? envelope.key : null,
        type: readable ? envelope.type : null,
        channel,
        handler: readable ? `${group}:${envelope.type}` : null,
        body: body ?? encode(envelope),
        bytes,
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

const outcomeOf = async (envelope: Envelope, group = 'payment') =>
  (
    await database.pool.query(
      'select outcome from inbox where message_id = $1 and group_name = $2',
      [envelope.id, group],
    )
  ).rows[0]?.outcome as string;

/** Defers the dead message as one that holds its key, and another one behind it. */
async function hold({ id: messageId, occurredAt }: Envelope, group = 'payment') {
  const held = {
    group,
    messageId,
    partition: 3,
    key: 'o',
    channel: 'payment.commands',
    body: '{}',
    attempt: 5,
    firstAt: occurredAt,
    dueAt: null,
    reason: 'held' as const,
    error: 'no',
  };
  const behind = { ...held, messageId: newId(), reason: 'behind' as const };
  await store.commit({ ...emptyBatch, defer: [held, behind] });
  expect(await dueOf(group)).toEqual([]);
  return behind;
}

const dueOf = async (group = 'payment') =>
  (await store.due(group, [3], 10)).map(({ messageId }) => messageId);

/** Redrives all that match, a few at a time; resolves with their number. */
async function redriveAll(filter: DeadLetterFilter = {}): Promise<number> {
  const { count, last } = await letters.redrivable(filter);
  let redriven = 0;
  for (let step = 1; step > 0; redriven += step)
    step = await redriveSome(database.pool, { filter, by: 'ops', limit: 400, last });
  expect(redriven).toBeLessThanOrEqual(count);
  return redriven;
}

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

  it('goes on behind a place among those that died at one moment', async () => {
    const at = '2026-01-01T00:00:00.000Z';
    const ids = [(await die({ at })).id, (await die({ at })).id, (await die({ at })).id];
    const first = await letters.list({}, 2);
    const rest = await letters.list({}, 10, first.at(-1));
    expect([...first, ...rest].map(({ id }) => id)).toEqual(ids.sort().reverse());
  });

  it('filters by channel, type, handler and group', async () => {
    const { id } = await die();
    await die({ group: 'audit' });
    await die({ body: 'no envelope' });
    await die({ channel: 'payment.events' });
    const idsWith = async (filter: Parameters<DeadLetters['list']>[0]) =>
      (await letters.list(filter, 10)).length;
    expect(await idsWith({ channel: 'payment.commands' })).toBe(3);
    expect(await idsWith({ type: 'payment.charge-card' })).toBe(3);
    expect(await idsWith({ type: 'payment.charge-card', channel: 'payment.commands' })).toBe(2);
    expect(await idsWith({ handler: 'audit' })).toBe(1);
    const handler = 'payment:payment.charge-card';
    const one = await letters.list({ handler, channel: 'payment.commands' }, 10);
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

  it('shows nothing of bytes that are no message but how many they are', async () => {
    for (const death of [
      { body: 'ada@example.com\0' },
      { body: '{"email":"ada@example.com"' },
      { body: '"ada@example.com"' },
      { body: 'ada@exampl\ufffd.com', bytes: Buffer.from('ada@exampl\xe9.com', 'latin1') },
    ]) {
      const { id } = await die(death);
      const { body, sizeBytes, redrivable, headers, data } = await letters.read(id);
      const size = death.bytes?.length ?? Buffer.byteLength(death.body);
      expect({ body, sizeBytes, redrivable }).toEqual({
        body: null,
        sizeBytes: size,
        redrivable: false,
      });
      expect([headers, data]).toEqual([null, null]);
    }
  });

  it('masks JSON that is no message by its names and by what mail addresses look like', async () => {
    const told = { orderId: 'o', billingAddress: { city: 'Berlin' }, cardToken: 'tok_visa' };
    const more = { who: ['ada@example.com', 7], customerEmail: 'x', amount: 5 };
    const { id } = await die({ body: JSON.stringify({ ...told, ...more }) });
    expect(JSON.parse((await letters.read(id)).body ?? '')).toEqual({
      orderId: 'o',
      billingAddress: '***',
      cardToken: '***',
      who: ['***', 7],
      customerEmail: '***',
      amount: 5,
    });
  });

  it('knows only its own', async () => {
    const { id } = await die();
    const foreign = id.replace('payment.', 'order.');
    await expect(letters.read(foreign)).rejects.toThrow(NoSuchDeadLetter);
    await expect(letters.read(`payment.${newId()}`)).rejects.toThrow(NoSuchDeadLetter);
    await expect(letters.read('payment.x')).rejects.toThrow(NoSuchDeadLetter);
  });
});

describe('the original', () => {
  const how = { by: 'ops@example.com', reason: 'ticket 7' };
  const originalOf = async (id: string) =>
    Buffer.from((await letters.original(id, how)).base64, 'base64');

  it.each([
    ['a message', encode(envelopeOf('o'))],
    ['text with every kind of character', '{"name":"Amélie 你好 😀", x: 1}\r\n'],
    ['U+0000', 'junk\0\0'],
    ['nothing at all', ''],
  ])('is given byte for byte: %s', async (_, body) => {
    const { id } = await die({ body });
    expect((await originalOf(id)).equals(Buffer.from(body))).toBe(true);
  });

  it('is given byte for byte also where it is no text', async () => {
    const bytes = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
    const { id } = await die({ body: bytes.toString('utf8'), bytes });
    expect((await originalOf(id)).equals(bytes)).toBe(true);
  });

  it('is what came, also when it was edited since and died again', async () => {
    const uuid = newId();
    const { id, envelope } = await die({ id: uuid });
    const data = { orderId: 'o', amount: 7, token: 'tok_mastercard' };
    await letters.redrive(id, { by: 'ops', data });
    await database.pool.query('truncate parked, inbox');
    await die({ id: uuid, envelope: { ...envelope, data } });
    expect((await letters.read(id)).data).toMatchObject({ amount: 7 });
    expect((await originalOf(id)).toString()).toBe(encode(envelope));
  });

  it('is not given without a line in the audit that says who has read it, and why', async () => {
    const { id } = await die();
    await originalOf(id);
    await letters.original(id, { by: 'other@example.com', reason: 'the customer asks' });
    const read = { action: 'read', edited: false, at: expect.any(String), seq: expect.any(Number) };
    expect(await letters.audit(id)).toEqual([
      { ...read, ...how },
      { ...read, by: 'other@example.com', reason: 'the customer asks' },
    ]);
    await letters.discard(id, 'ops');
    await expect(letters.original(id, how)).rejects.toThrow(NoSuchDeadLetter);
    const audit = await letters.audit(id);
    expect(audit.map(({ action }) => action)).toEqual(['read', 'read', 'discarded']);
    const [first, second] = audit;
    expect(await letters.audit(id, 1, first?.seq)).toEqual([second]);
  });

  it('of a letter that never was is not given, and leaves no trace', async () => {
    const id = `payment.${newId()}`;
    await expect(letters.original(id, how)).rejects.toThrow(NoSuchDeadLetter);
    await expect(letters.audit(id)).rejects.toThrow(NoSuchDeadLetter);
    const { rows } = await database.pool.query('select from dead_letter_audit');
    expect(rows).toEqual([]);
    const untouched = await die();
    expect(await letters.audit(untouched.id)).toEqual([]);
  });
});

describe('redriving', () => {
  it('parks the message, due now, with all its attempts ahead, and wakes its group', async () => {
    const { id, envelope } = await die({ at: '2026-01-01T00:00:00.000Z' });
    const before = Date.now();
    await letters.redrive(id, { by: 'ops@example.com' });
    const [row] = await store.due('payment', [3], 10);
    expect(row).toMatchObject({
      messageId: envelope.id,
      reason: 'redriven',
      attempt: 0,
      body: encode(envelope),
    });
    expect(Date.parse(row?.firstAt ?? '')).toBeGreaterThanOrEqual(before - 1);
    expect(await store.deferredKeys('payment', [3])).toEqual(new Map());
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
    expect(await letters.audit(id)).toMatchObject([
      { action: 'redriven', by: 'ops@example.com', edited: true, reason: null },
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

  it('gives a message whose key it holds its old place back, as if it had just come', async () => {
    const { id, envelope } = await die({ at: '2026-01-01T00:00:00.000Z' });
    const behind = await hold({ ...envelope, occurredAt: '2026-01-01T00:00:00.000Z' });
    const before = Date.now();
    const data = { orderId: 'o', amount: 7, token: 'tok_visa' };
    await letters.redrive(id, { by: 'ops', data });
    expect(await dueOf()).toEqual([envelope.id]);
    const [first, second] = await store.deferredOf('payment', 'o', 10);
    expect(first).toMatchObject({ attempt: 0, reason: 'retry', error: null });
    expect(first?.dueAt).not.toBeNull();
    expect(JSON.parse(first?.body ?? '')).toEqual({ ...envelope, data });
    expect(Date.parse(first?.firstAt ?? '')).toBeGreaterThanOrEqual(before - 1);
    expect(second).toEqual(behind);
  });

  it('takes a letter once, although two ask for it at the same time', async () => {
    const { id } = await die();
    const client = await database.pool.connect();
    const pool = client as unknown as Pool;
    try {
      await client.query('begin');
      await new DeadLetters({ service: 'payment', pool }).redrive(id, { by: 'one' });
      await expect(letters.redrive(id, { by: 'two' })).rejects.toThrow(NoSuchDeadLetter);
      expect(await redriveAll()).toBe(0);
      await client.query('commit');
    } finally {
      client.release(true);
    }
    expect(await letters.audit(id)).toMatchObject([{ by: 'one' }]);
  });

  it('leaves bytes that could not be stored as they came, although they are a message', async () => {
    const { id } = await die();
    await database.pool.query('update dead_letter set body = to_json(body), body_escaped = true');
    await expect(letters.redrive(id, { by: 'ops' })).rejects.toThrow(NotRedrivable);
    expect(await redriveAll()).toBe(0);
  });

  it('leaves a group alone that has the same message', async () => {
    const { id, envelope } = await die();
    await die({ envelope, group: 'audit' });
    await hold(envelope, 'audit');
    await letters.redrive(id, { by: 'ops' });
    expect([await outcomeOf(envelope), await outcomeOf(envelope, 'audit')]).toEqual([
      'parked',
      'dead',
    ]);
    expect([await dueOf(), await dueOf('audit')]).toEqual([[envelope.id], []]);
    expect(woken).toEqual(['payment']);
  });

  it('redrives many in the order in which they died, and leaves what does not match', async () => {
    const orders = Array.from({ length: 250 }, (_, i) => `order-${i}`);
    for (const orderId of orders) await die({ orderId });
    await die({ group: 'audit' });
    await die({ body: 'junk' });
    expect(await redriveAll({ handler: 'payment' })).toBe(250);
    const { rows } = await database.pool.query('select key from parked order by seq');
    expect(rows.map(({ key }) => key)).toEqual(orders);
    expect(await letters.list({}, 10)).toHaveLength(2);
  });

  it('redrives many once: what dies meanwhile stays, whatever time it died at', async () => {
    const late = '2999-01-01T00:00:00.000Z';
    await die({ at: late });
    const { last } = await letters.redrivable({});
    const { id: again } = await die({ at: '2026-01-01T00:00:00.000Z' });
    const choice = { filter: {}, by: 'ops', limit: 10, last };
    expect(await redriveSome(database.pool, choice)).toBe(1);
    expect((await letters.list({}, 10)).map(({ id }) => id)).toEqual([again]);
  });

  it('redrives many in steps, in order', async () => {
    await database.pool.query(
      `insert into dead_letter (id, group_name, message_id, shard, key, channel, body, attempts, code, error, first_at, at)
      select gen_random_uuid(), 'g' || n % 2, gen_random_uuid(), 0, n, 'c', '{}', 5, 'c', 'e', now(), now()
      from generate_series(1, 1001) n`,
    );
    // Changes their physical order in the table, which then differs from the order in which they were dead-lettered.
    await database.pool.query(`update dead_letter set code = 'x' where key::integer <= 600`);
    expect(await redriveAll()).toBe(1_001);
    const { rows } = await database.pool.query('select key::integer from parked order by seq');
    expect(rows.map(({ key }) => key)).toEqual(Array.from({ length: 1_001 }, (_, n) => n + 1));
  });

  it('redrives by itself what did not answer, later each time, and not for ever', async () => {
    const envelope = envelopeOf('o');
    const id = newId();
    const again = () => redriveTransient(database.pool, { times: 2, after: 60_000 });
    const dieAgain = async (code: string, minutesAgo: number) => {
      const at = new Date(Date.now() - minutesAgo * 60_000).toISOString();
      await database.pool.query('truncate dead_letter, parked, inbox');
      await die({ envelope, id, at });
      await database.pool.query('update dead_letter set code = $1', [code]);
    };
    for (const code of ['handler_failed', 'out_of_stock', 'invalid_message']) {
      await dieAgain(code, 60);
      expect([code, await again()]).toEqual([code, 0]);
    }
    await dieAgain('provider_unreachable', 0.5);
    expect(await again()).toBe(0);
    await dieAgain('provider_unreachable', 1.5);
    expect(await again()).toBe(1);
    await dieAgain('ECONNREFUSED', 1.5);
    expect(await again()).toBe(0);
    await dieAgain('circuit_open', 2.5);
    expect(await again()).toBe(1);
    await dieAgain('circuit_open', 60);
    expect(await again()).toBe(0);
    const done = await letters.audit(`payment.${id}`);
    expect(done.map(({ action, by }) => [action, by])).toEqual([
      ['redriven', 'automatic'],
      ['redriven', 'automatic'],
    ]);
  });
});

describe('discarding', () => {
  it('gives the message up, frees its key and is audited', async () => {
    const { id, envelope } = await die();
    const behind = await hold(envelope);
    await letters.discard(id, 'ops@example.com');
    expect(await outcomeOf(envelope)).toBe('discarded');
    expect(await dueOf()).toEqual([behind.messageId]);
    expect(await letters.list({}, 10)).toEqual([]);
    expect(await letters.audit(id)).toMatchObject([{ action: 'discarded', edited: false }]);
    expect(woken).toEqual(['payment']);
    await expect(letters.discard(id, 'ops')).rejects.toThrow(NoSuchDeadLetter);
  });

  it('finds nothing when the letter is being redriven', async () => {
    const { id, envelope } = await die();
    const client = await database.pool.connect();
    const pool = client as unknown as Pool;
    try {
      await client.query('begin');
      await new DeadLetters({ service: 'payment', pool }).redrive(id, { by: 'one' });
      const discarded = letters.discard(id, 'two').catch((error: unknown) => error);
      await eventually(async () => {
        const { rowCount } = await database.pool.query(`select from pg_stat_activity
          where datname = current_database() and wait_event_type = 'Lock'`);
        return rowCount === 1;
      });
      await client.query('commit');
      expect(await discarded).toBeInstanceOf(NoSuchDeadLetter);
    } finally {
      client.release(true);
    }
    expect(await outcomeOf(envelope)).toBe('parked');
    expect(await letters.audit(id)).toMatchObject([{ by: 'one' }]);
  });

  it('leaves a group alone that has the same message', async () => {
    const { id, envelope } = await die();
    await die({ envelope, group: 'audit' });
    await hold(envelope, 'audit');
    await letters.discard(id, 'ops');
    expect([await outcomeOf(envelope), await outcomeOf(envelope, 'audit')]).toEqual([
      'discarded',
      'dead',
    ]);
    expect(await store.deferredOf('audit', 'o', 10)).toHaveLength(2);
  });
});
