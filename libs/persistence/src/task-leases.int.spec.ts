import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { deleteOld } from './delete-old.ts';
import { LeaseLost, type TaskLease, TaskLeases } from './task-leases.ts';
import { type TestDatabase, testDatabase } from './testing/test-database.ts';

const minute = 60_000;
let database: TestDatabase;
let here: TaskLeases;
let there: TaskLeases;

beforeAll(async () => {
  database = await testDatabase();
  here = new TaskLeases(database.pool, 'here');
  there = new TaskLeases(database.pool, 'there');
  await database.pool.query('create table note (id integer primary key, at timestamptz not null)');
}, 60_000);
afterAll(() => database?.close());
beforeEach(async () => {
  await database.shiftClock(0);
  await database.pool.query('truncate task_lease, retention_horizon, note');
});

async function taken(leases: TaskLeases, ms = minute): Promise<TaskLease> {
  const lease = await leases.take('sweep', ms);
  if (!lease) throw new Error('the lease is not free');
  return lease;
}
const isFree = async () => (await there.take('sweep', minute)) !== undefined;
const note = (id: number) => (lease: TaskLease) =>
  lease.transaction((client) => client.query('insert into note values ($1, now())', [id]));
const notes = async () =>
  (await database.pool.query('select id from note order by id')).rows.map(({ id }) => id);

describe('the lease of a task', () => {
  it('is one process’s at a time, and each task has its own', async () => {
    await taken(here);
    expect(await isFree()).toBe(false);
    expect(await there.take('another', minute)).toBeDefined();
  });

  it('goes to one of many that want it at once', async () => {
    const all = await Promise.all(
      Array.from({ length: 8 }, (_, i) => (i % 2 ? here : there).take('sweep', minute)),
    );
    expect(all.filter((lease) => lease !== undefined)).toHaveLength(1);
  });

  it('ends by itself when its process was killed, and does not while it is renewed', async () => {
    const lease = await taken(here);
    await database.shiftClock(50_000);
    await lease.renew(minute);
    await database.shiftClock(70_000);
    expect(await isFree()).toBe(false);
    await database.shiftClock(111_000);
    expect(await isFree()).toBe(true);
  });

  it('is over for a process that has lost it: what it writes has no effect', async () => {
    const late = await taken(here);
    await database.shiftClock(minute);
    await note(1)(await taken(there));
    await expect(note(2)(late)).rejects.toThrow(LeaseLost);
    await expect(late.renew(minute)).rejects.toThrow(LeaseLost);
    await expect(late.end(0)).rejects.toThrow(LeaseLost);
    expect(await notes()).toEqual([1]);
  });

  it('cannot be taken while a transaction under it is open', async () => {
    const lease = await taken(here);
    await database.shiftClock(minute);
    let taking: Promise<unknown> = Promise.resolve();
    await lease.transaction(async (client) => {
      taking = there.take('sweep', minute);
      await client.query('select pg_sleep(0.2)');
      await client.query('insert into note values (3, now())');
    });
    expect(await taking).toBeDefined();
    expect(await notes()).toEqual([3]);
  });

  it('is left to the next so long after it was taken as its holder says', async () => {
    await (await taken(here)).end(30_000);
    expect(await isFree()).toBe(false);
    await database.shiftClock(30_000);
    expect(await isFree()).toBe(true);
  });

  it('is not kept for ever when the clock is set back', async () => {
    await database.shiftClock(24 * 60 * minute);
    await taken(here);
    await database.shiftClock(0);
    expect(await isFree()).toBe(true);
  });
});

describe('deleting old rows', () => {
  const fill = (count: number, daysAgo: number) =>
    database.pool.query(
      `insert into note select coalesce((select max(id) from note), 0) + n, now() - $2 * interval '1 day'
        from generate_series(1, $1) n`,
      [count, daysAgo],
    );
  const retained = { table: 'note', at: 'at', keep: 7 * 24 * 60 * minute };
  const horizons = async () =>
    (await database.pool.query('select name, at from retention_horizon')).rows;

  it('leaves those that are still needed, and remembers since when all are there', async () => {
    await fill(2_345, 8);
    await fill(20, 6);
    expect(await deleteOld(await taken(here), retained)).toBe(2_345);
    expect(await notes()).toHaveLength(20);
    const [{ name, at }, ...others] = await horizons();
    expect([name, others]).toEqual(['note', []]);
    expect(Math.abs(Date.now() - retained.keep - at.getTime())).toBeLessThan(minute);
  });

  it('remembers nothing where there was nothing to delete', async () => {
    await fill(3, 6);
    expect(await deleteOld(await taken(here), retained)).toBe(0);
    expect(await horizons()).toEqual([]);
  });

  it('deletes nothing for a process that has lost its lease, and no more once it must end', async () => {
    await fill(2_000, 8);
    const late = await taken(here);
    await database.shiftClock(minute);
    await taken(there);
    await expect(deleteOld(late, retained)).rejects.toThrow(LeaseLost);
    await database.shiftClock(3 * minute);
    expect(await deleteOld(await taken(here), retained, AbortSignal.abort())).toBe(0);
    expect(await notes()).toHaveLength(2_000);
  });
});
