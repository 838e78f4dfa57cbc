import { isDeepStrictEqual } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { BrokerAway, systemClock } from '@waybill/messaging';
import { eventually, type TestDatabase, testDatabase } from '@waybill/persistence/testing';
import type { EntityManager } from 'typeorm';
import { MemoryQueues } from '../memory/memory-queues.ts';
import type { Job, NewJob } from './job.ts';
import { JobTable } from './job-table.ts';
import { Work } from './work.ts';
import { WorkIndex } from './work-index.ts';
import { workMigrations } from './work-jobs.ts';
import { Worker } from './worker.ts';
import type { QueueHandler } from './works-on.ts';

const queue = 'mail';
const silent = { warn: () => undefined, error: () => undefined };

let database: TestDatabase;
let queues: MemoryQueues;
let jobs: JobTable;
let index: WorkIndex;
let work: Work;
/** The keys of the jobs whose effect was committed. */
let done: string[];
const workers: Worker[] = [];

beforeAll(async () => {
  database = await testDatabase({ migrations: workMigrations });
  await database.pool.query('create table effect (seq bigserial, key text)');
}, 60_000);
beforeEach(async () => {
  await database.pool.query('truncate work_job, effect');
  await database.shiftClock(0);
  queues = new MemoryQueues();
  jobs = new JobTable(database.dataSource);
  index = new WorkIndex(queues, jobs, silent);
  work = new Work({ dataSource: database.dataSource, jobs, index });
  done = [];
});
afterEach(() => Promise.all(workers.splice(0).map((worker) => worker.stop())));
afterAll(() => database?.close());

const add = (...some: Partial<NewJob>[]): Promise<void> =>
  database.dataSource.transaction((manager) =>
    work.add(
      manager,
      some.map((job) => ({ queue, key: 'a', ...job })),
    ),
  );

const effect = (job: Job) => (manager: EntityManager) =>
  manager.query('insert into effect (key) values ($1)', [job.key]);

/** A worker of this process. */
function works(
  run: (job: Job) => Promise<unknown> = (job) => job.complete(effect(job)),
  options: Partial<QueueHandler> = {},
): Worker {
  const worker = new Worker(
    {
      queue,
      concurrency: 1,
      attempts: 3,
      firstDelay: 1,
      longestDelay: 5,
      lease: 60_000,
      ...options,
      run: run as QueueHandler['run'],
    },
    { queues, jobs, index, clock: systemClock, log: silent },
  );
  workers.push(worker);
  worker.start();
  return worker;
}

async function effects(): Promise<string[]> {
  const { rows } = await database.pool.query<{ key: string }>(
    'select key from effect order by seq',
  );
  return rows.map(({ key }) => key);
}

const left = async (): Promise<number> =>
  (await jobs.list({ limit: 10_000, state: 'waiting' })).length;

const dead = async () =>
  (await jobs.list({ limit: 9, state: 'dead' })).map(({ attempt, error }) => [attempt, error]);

/** Waits until `read` returns what is expected. */
async function becomes<T>(read: () => Promise<T>, expected: T): Promise<void> {
  let latest: T | undefined;
  await eventually(async () => {
    latest = await read();
    return isDeepStrictEqual(latest, expected);
  }).catch(() => expect(latest).toEqual(expected));
}

describe('jobs', () => {
  it('are done once if their transaction commits, the most urgent first, and not at all if it is rolled back', async () => {
    await add({ key: 'slow', priority: 'low' }, { key: 'urgent', priority: 'critical' });
    const failing = database.dataSource.transaction(async (manager) => {
      await work.add(manager, { queue, key: 'never' });
      throw new Error('no');
    });
    await expect(failing).rejects.toThrow('no');
    works();
    await becomes(effects, ['urgent', 'slow']);
    expect(await jobs.list({ limit: 10 })).toEqual([]);
    expect(await queues.priority(queue).size()).toEqual({ ready: 0, later: 0, leased: 0 });
  });

  it('are refused outside a transaction', async () => {
    await expect(work.add(database.dataSource.manager, { queue, key: 'a' })).rejects.toMatchObject({
      code: 'transaction_required',
    });
  });

  it('with one key are one job while it waits, with the latest data; added while it runs, it runs again', async () => {
    await add({ data: { n: 1 } }, { data: { n: 2 } });
    await add({ data: { n: 3 }, priority: 'high' });
    expect(await jobs.list({ limit: 9 })).toMatchObject([
      { key: 'a', priority: 'high', attempt: 0 },
    ]);
    works(async (job) => {
      done.push(JSON.stringify(job.data));
      if (done.length === 1) await add({ data: { n: 4 } });
    });
    await becomes(async () => [done, await left()], [['{"n":3}', '{"n":4}'], 0]);
  });

  it('that are postponed are done again at that time, and at once if they were added meanwhile', async () => {
    const times: (Date | null)[] = [new Date(Date.now() + 3_600_000), new Date(0), null];
    works((job) =>
      job.postpone(async (manager) => {
        await effect(job)(manager);
        return times.shift() ?? null;
      }),
    );
    await add({ data: { n: 1 } });
    await becomes(effects, ['a']);
    await becomes(
      async () => (await jobs.list({ limit: 9 })).map(({ state, attempt }) => [state, attempt]),
      [['waiting', 0]],
    );
    await add({ data: { n: 2 } });
    await becomes(async () => [await effects(), await left()], [['a', 'a', 'a'], 0]);
  });

  it('that a wiped queue lost are found by the next sweep, and each is done once', async () => {
    const keys = Array.from({ length: 300 }, (_, n) => `job-${String(n).padStart(3, '0')}`);
    await add(...keys.map((key) => ({ key })));
    await queues.priority(queue).clear();
    works(undefined, { concurrency: 4 });
    works(undefined, { concurrency: 4 });
    await Promise.all([index.sweep(queue), index.sweep(queue)]);
    await becomes(left, 0);
    expect((await effects()).sort()).toEqual(keys);
  });

  it('are in a queue that is built again, and nothing else is', async () => {
    await add({ key: 'a' }, { key: 'b' });
    await queues.priority(queue).add([{ id: 'from another time', priority: 'critical' }]);
    await work.rebuild(queue);
    const ids = (await jobs.list({ limit: 9 })).map(({ id }) => id).sort();
    expect([...(await queues.priority(queue).peek(9))].sort()).toEqual(ids);
    works();
    await becomes(async () => (await effects()).sort(), ['a', 'b']);
  });

  it('are done from their rows while the queue does not answer', async () => {
    const nothing = () => Promise.reject(new BrokerAway('REDIS_URL', 'nothing answers'));
    Object.assign(queues.priority(queue), { add: nothing, take: nothing, ack: nothing });
    await add({ key: 'a' }, { key: 'b' });
    works();
    await becomes(async () => (await effects()).sort(), ['a', 'b']);
  });

  it('that two workers have after a lease has ended take effect once: the first one is rolled back', async () => {
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const refused: unknown[] = [];
    works(
      async (job) => {
        if (job.attempt === 1) await held;
        await job.complete(effect(job)).catch((error: unknown) => {
          refused.push((error as { code: string }).code);
          throw error;
        });
      },
      { concurrency: 2, lease: 1_000 },
    );
    await add({ key: 'a' });
    await becomes(async () => (await jobs.list({ limit: 1 }))[0]?.attempt, 1);
    await database.shiftClock(2_000);
    await becomes(effects, ['a']);
    release();
    await becomes(async () => refused, ['job_lost']);
    expect(await effects()).toEqual(['a']);
  });

  it('that fail are retried, then dead with their error, until an operator retries them', async () => {
    let broken = true;
    works(async (job) => {
      done.push(`attempt ${job.attempt}`);
      if (broken) throw new Error('the mailbox is full');
      await job.complete(effect(job));
    });
    await add({ key: 'a' });
    await becomes(dead, [[3, 'the mailbox is full']]);
    expect(await jobs.counts()).toEqual([{ queue, waiting: 0, dead: 1 }]);
    broken = false;
    const [job] = await jobs.list({ limit: 1, queue });
    expect([await work.retry(job?.id ?? ''), await work.retry(job?.id ?? '')]).toEqual([
      true,
      false,
    ]);
    await becomes(effects, ['a']);
    expect(done).toEqual(['attempt 1', 'attempt 2', 'attempt 3', 'attempt 1']);
  });

  it('can be claimed in the millisecond in which they are due, which is when their queue gives them to a worker', async () => {
    const { pool } = database;
    const clock = await pool.query(
      `select pg_get_functiondef('waybill_now()'::regprocedure) as sql`,
    );
    await add({ key: 'a' });
    const [job] = await jobs.list({ limit: 1 });
    const claimedAt = async (now: string) => {
      await pool.query(`create or replace function waybill_now() returns timestamptz
        language sql stable as $$ select '${now}'::timestamptz $$`);
      return (await jobs.claim(queue, [job?.id ?? ''], 1)).length;
    };
    try {
      await pool.query(`update work_job set due_at = '2027-01-01T12:00:00.0029Z'`);
      expect(await claimedAt('2027-01-01T12:00:00.0019Z')).toBe(0);
      expect(await claimedAt('2027-01-01T12:00:00.0020Z')).toBe(1);
    } finally {
      await pool.query(clock.rows[0].sql);
    }
  });

  it('whose error no retry can cure are dead at once, and those whose workers all crashed too', async () => {
    works(() => Promise.reject(Object.assign(new Error('no such address'), { retriable: false })));
    await add({ key: 'a' });
    await becomes(dead, [[1, 'no such address']]);
    await database.pool.query('update work_job set dead_at = null, attempt = 3');
    await index.sweep(queue);
    await becomes(dead, [[4, 'the workers of all its attempts have ended before the job']]);
  });
});
