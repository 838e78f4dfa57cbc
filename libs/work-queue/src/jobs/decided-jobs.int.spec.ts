import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { emptyBatch } from '@waybill/messaging';
import { PgStore } from '@waybill/persistence';
import { schemaChanges, type TestDatabase, testDatabase } from '@waybill/persistence/testing';
import { JobTable } from './job-table.ts';
import { jobOf, queuedBy, type WorkJobEntity, workJobs } from './work-job.entity.ts';
import { workMigrations } from './work-jobs.ts';

let database: TestDatabase;

beforeAll(async () => {
  database = await testDatabase({ tables: [workJobs], migrations: workMigrations });
}, 60_000);
afterAll(() => database?.close());

it('adds the jobs of a decision with its commit, and then names them to the queue', async () => {
  const store = new PgStore(database.pool, database.tables);
  const told: object[] = [];
  store.onEntries(workJobs, (rows) =>
    told.push(...rows.map((row) => queuedBy(row as WorkJobEntity))),
  );
  const id = '019a0000-0000-7000-8000-000000000001';
  const job = { id, queue: 'mail', key: 'a', priority: 'high' as const, data: { n: 1 } };
  const change = jobOf(job, new Date());
  if (change.kind !== 'entry') throw new Error('a job is an entry');
  await store.commit({ ...emptyBatch, entries: [change] });

  const jobs = new JobTable(database.dataSource);
  expect(told).toMatchObject([{ id, queue: 'mail', priority: 'high' }]);
  expect(await jobs.due('mail', 10)).toEqual([id]);
  expect(await jobs.claim('mail', [id], 1_000)).toMatchObject([
    { key: 'a', data: { n: 1 }, attempt: 1, generation: 1 },
  ]);
  await expect(store.commit({ ...emptyBatch, entries: [change] })).rejects.toThrow();
  expect(told).toHaveLength(1);
  expect(await schemaChanges(database.dataSource)).toEqual([]);
});
