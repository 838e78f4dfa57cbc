import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { newId } from '@waybill/contracts';
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
  store = new PgStore(database.pool, database.schema);
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
  await store.commit(batchOf({ inbox: [today, yesterday, old] }));
  expect(await placeOf(today.messageId)).toBe(nameOf(now));
  expect(await placeOf(yesterday.messageId)).toBe(nameOf(now - day));
  expect(await placeOf(old.messageId)).toBe('inbox_default');
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
  expect(await partitions.oldest()).toBeNull();
  await database.shiftClock(9 * day);
  expect(await partitions.drop(7 * day)).toBeGreaterThan(0);
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

it('keeps itself: makes and drops partitions now and each hour until it is stopped', async () => {
  const timers: { ms: number; run: () => void }[] = [];
  const clock = {
    now: () => new Date(),
    after: (ms: number, run: () => void) => {
      timers.push({ ms, run });
      return () => {};
    },
  };
  const stop = partitions.keep(7 * day, { clock });
  timers.shift()?.run();
  await eventually(() => timers.length === 1);
  expect(timers[0]?.ms).toBe(3_600_000);
  const message = messageAt(Date.now());
  await store.commit(batchOf({ inbox: [message] }));
  expect(await placeOf(message.messageId)).toBe(nameOf(Date.now()));
  stop();
});
