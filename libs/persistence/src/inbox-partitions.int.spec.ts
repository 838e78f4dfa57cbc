import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { newId } from '@waybill/message';
import type { InboxRow } from '@waybill/messaging';
import type { Pool } from 'pg';
import { InboxPartitions } from './inbox-partitions.ts';
import { PgStore } from './pg-store.ts';
import { eventually } from './testing/eventually.ts';
import { batchOf, inboxRow } from './testing/orders.fixture.ts';
import { type TestDatabase, testDatabase } from './testing/test-database.ts';

const day = 86_400_000;
let database: TestDatabase;
let store: PgStore;
let partitions: InboxPartitions;

beforeAll(async () => {
  database = await testDatabase();
  store = new PgStore(database.pool, database.tables);
  partitions = new InboxPartitions(database.pool);
}, 60_000);
afterAll(() => database?.close());

const messageAt = (ms: number) => inboxRow({ messageId: newId(new Date(ms)) });
const placeOf = async (messageId: string) =>
  (
    await database.pool.query(
      'select tableoid::regclass::text as name from inbox where message_id = $1',
      [messageId],
    )
  ).rows[0]?.name as string | undefined;
const nameOf = (ms: number) =>
  `inbox_${new Date(ms).toISOString().slice(0, 10).replaceAll('-', '')}`;

it('puts a message where the time inside its id belongs, whenever it arrives', async () => {
  const now = Date.now();
  const [today, yesterday, old] = [messageAt(now), messageAt(now - day), messageAt(now - 30 * day)];
  const ahead = messageAt(now + 2 * day);
  await store.commit(batchOf({ inbox: [today, yesterday, old, ahead] }));
  expect(await placeOf(today.messageId)).toBe(nameOf(now));
  expect(await placeOf(yesterday.messageId)).toBe(nameOf(now - day));
  expect(await placeOf(old.messageId)).toBe('inbox_default');
  expect(await placeOf(ahead.messageId)).toBe(nameOf(now + 2 * day));
  await expect(store.commit(batchOf({ inbox: [old] }))).rejects.toMatchObject({ reason: 'seen' });
});

it('moves rows that came before their day was made, and still knows them', async () => {
  const early = messageAt(Date.now() + 5 * day);
  await store.commit(batchOf({ inbox: [early] }));
  expect(await placeOf(early.messageId)).toBe('inbox_default');
  await Promise.all([partitions.ensure(7), partitions.ensure(7)]);
  expect(await placeOf(early.messageId)).toBe(nameOf(Date.now() + 5 * day));
  await expect(store.commit(batchOf({ inbox: [early] }))).rejects.toMatchObject({ reason: 'seen' });
});

it('drops days past the retention, by the clock of the database, and tells since when it remembers', async () => {
  const message = messageAt(Date.now());
  await store.commit(batchOf({ inbox: [message] }));
  const handled = async () =>
    (await database.pool.query('select from handled where key = $1', [message.key])).rowCount;
  expect(await handled()).toBeGreaterThan(0);
  expect(await partitions.oldest()).toBeNull();
  await database.shiftClock(9 * day);
  expect(await partitions.drop(7 * day)).toBeGreaterThan(0);
  expect(await handled()).toBe(0);
  expect(partitions.lastKnownOldest()).toBeNull();
  await partitions.look();
  const limit = Math.floor((Date.now() + 2 * day) / day) * day;
  expect((await partitions.oldest())?.getTime()).toBe(limit);
  expect(partitions.lastKnownOldest()).toBe(limit);
  expect(await placeOf(message.messageId)).toBeUndefined();
  await database.shiftClock(8 * day);
  await partitions.drop(7 * day);
  expect((await partitions.oldest())?.getTime()).toBe(limit);
  await database.shiftClock(0);
});

it('tells that it forgets a day before it does, so that no replica can miss it', async () => {
  const message = messageAt(Date.now());
  await store.commit(batchOf({ inbox: [message] }));
  await database.pool.query('delete from inbox_horizon');
  await database.shiftClock(8 * day);
  await partitions.drop(7 * day);
  expect((await partitions.oldest())?.getTime()).toBeGreaterThan(Date.now());
  expect(await placeOf(message.messageId)).toBeDefined();
  await database.shiftClock(0);
});

it('forgets also what lies in no day of its own, a day later than it says', async () => {
  const today = Math.floor(Date.now() / day) * day;
  const [old, gone, kept] = [-20, 11.5, 12.5].map((days) => messageAt(today + days * day));
  await store.commit(batchOf({ inbox: [old, gone, kept] as InboxRow[] }));
  await database.shiftClock(20 * day);
  await partitions.drop(7 * day);
  const places = await Promise.all([old, gone, kept].map((row) => placeOf(row?.messageId ?? '')));
  expect(places).toEqual([undefined, undefined, 'inbox_default']);
  await database.shiftClock(0);
});

/** Timers that the test fires itself. */
function handTimers() {
  const timers = new Set<{ ms: number; run: () => void }>();
  const after = (ms: number, run: () => void) => {
    const timer = { ms, run };
    timers.add(timer);
    return () => timers.delete(timer);
  };
  const next = async () => {
    const [timer] = timers;
    timers.clear();
    timer?.run();
    await eventually(() => timers.size === 1);
    return [...timers][0]?.ms;
  };
  return { timers, next, clock: { now: () => new Date(), after } };
}

it('keeps itself: makes and drops partitions now and each hour until it is stopped', async () => {
  const { timers, next, clock } = handTimers();
  const kept = new InboxPartitions(database.pool);
  const dropped: number[] = [];
  await database.pool.query('delete from inbox_horizon');
  const stop = kept.keep(7 * day, { clock, onDropped: (days) => dropped.push(days) });
  expect(await next()).toBe(3_600_000);
  const message = messageAt(Date.now());
  await store.commit(batchOf({ inbox: [message] }));
  expect(await placeOf(message.messageId)).toBe(nameOf(Date.now()));
  const before = kept.lastKnownOldest();
  const told = dropped.length;
  await database.shiftClock(10 * day);
  await next();
  expect(dropped.length).toBe(told + 1);
  expect(kept.lastKnownOldest()).toBeGreaterThan(before ?? 0);
  expect(await placeOf(message.messageId)).toBeUndefined();
  await database.shiftClock(0);
  stop();
  expect(timers.size).toBe(0);
});

it('goes on to keep itself after a failure', async () => {
  const { next, clock } = handTimers();
  const errors: unknown[] = [];
  const query = () => Promise.reject(new Error('gone'));
  const broken = new InboxPartitions({ query } as unknown as Pool);
  const stop = broken.keep(7 * day, { clock, onError: (error) => errors.push(error) });
  await next();
  await next();
  expect(errors).toHaveLength(2);
  stop();
});

it('does nothing more when it is stopped while it looks', async () => {
  const { timers, clock } = handTimers();
  let release = (): void => undefined;
  let looks = 0;
  const query = () => {
    looks += 1;
    return new Promise((_, reject) => (release = () => reject(new Error('gone'))));
  };
  const slow = new InboxPartitions({ query } as unknown as Pool);
  let failed = false;
  const stop = slow.keep(7 * day, { clock, onError: () => (failed = true) });
  for (const { run } of timers) run();
  timers.clear();
  stop();
  release();
  await eventually(() => failed);
  await new Promise((resolve) => setImmediate(resolve));
  expect([timers.size, looks]).toEqual([0, 1]);
});
