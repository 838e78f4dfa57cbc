import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { newId } from '@waybill/message';
import { eventually, type TestDatabase, testDatabase } from '@waybill/persistence/testing';
import type { Job } from '../ops/jobs.ts';
import type { RunningService } from '../running-service.ts';
import { startCounter } from '../testing/start-counter.ts';

let database: TestDatabase;
let service: RunningService;

const start = async (AUTO_REDRIVES = '1'): Promise<void> => {
  service = await startCounter(database.url, { AUTO_REDRIVE_AFTER: '100ms', AUTO_REDRIVES });
};
beforeAll(async () => {
  database = await testDatabase();
  await start();
}, 60_000);
afterAll(async () => {
  await service?.close();
  await database?.close();
});

/** Stores dead letters of a group that nobody consumes, so what is redriven stays deferred. */
const die = (count: number, code: string) =>
  database.pool.query(
    `insert into dead_letter (id, group_name, message_id, shard, key, channel, body, attempts, code, error, first_at, at)
    select gen_random_uuid(), 'gone', gen_random_uuid(), 0, n, 'c', '{}', 5, $2, 'e', now(), now() from generate_series(1, $1) n`,
    [count, code],
  );
const countOf = async (table: string): Promise<number> => {
  const { rows } = await database.pool.query(`select count(*)::integer as count from ${table}`);
  return rows[0].count;
};

it('redrives many a few at a time, and goes on after a restart', async () => {
  await die(30, 'handler_failed');
  const id = newId();
  const request = { filter: { handler: 'gone' }, ratePerSecond: 20, by: 'ops' };
  expect(await service.operations.redrives.count(request.filter)).toBe(30);
  await service.operations.redrives.begin(id, request);
  await die(1, 'later');
  const job = (): Promise<Job> => service.operations.jobs.read(`counter.${id}`);
  let begun = await job();
  await eventually(async () => {
    begun = await job();
    return (begun.counts['redriven'] ?? 0) > 0;
  });
  const { state, progress, requestedBy, startedAt } = begun;
  expect([state, requestedBy]).toEqual(['running', 'ops']);
  expect(progress).toBeLessThan(1);

  await service.close();
  await start();
  await eventually(async () => (await job()).state === 'done');
  const done = await job();
  expect(await service.operations.redrives.latest()).toEqual([done]);
  expect(done).toMatchObject({ progress: 1, counts: { expected: 30, redriven: 30 } });
  // One at once, then twenty a second.
  expect(Date.parse(done.finishedAt ?? '') - Date.parse(startedAt)).toBeGreaterThan(1_000);
  expect([await countOf('dead_letter'), await countOf('parked')]).toEqual([1, 30]);
});

it('redrives by itself what did not answer', async () => {
  await die(2, 'circuit_open');
  await eventually(async () => (await countOf('dead_letter')) === 1);
  const { rows } = await database.pool.query(
    "select done_by from dead_letter_audit where done_by <> 'ops'",
  );
  expect(rows).toEqual([{ done_by: 'automatic' }, { done_by: 'automatic' }]);
});

it('redrives by itself as often as AUTO_REDRIVES says, and not at all with 0', async () => {
  await database.pool.query('truncate dead_letter, dead_letter_audit, parked');
  await die(1, 'circuit_open');
  await eventually(async () => (await countOf('dead_letter')) === 0);
  // It dies again, and the one time is used up; another one shows that the task has run since.
  await database.pool.query(
    `insert into dead_letter (id, group_name, message_id, shard, key, channel, body, attempts, code, error, first_at, at)
    select dead_letter_id, 'gone', gen_random_uuid(), 0, 'k', 'c', '{}', 5, 'circuit_open', 'e', now(), now() - interval '1 minute' from dead_letter_audit`,
  );
  await die(1, 'circuit_open');
  await eventually(async () => (await countOf('dead_letter')) === 1);
  await service.close();
  await start('0');
  await die(1, 'circuit_open');
  const runs = async () => {
    const { rows } = await database.pool.query(
      "select fence::integer from task_lease where name = 'automatic-redrives'",
    );
    return rows[0].fence;
  };
  // The run that begins after the next one has begun is over then.
  const before = await runs();
  await eventually(async () => (await runs()) > before + 1);
  expect(await countOf('dead_letter')).toBe(2);
});
