import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { readByIndex } from './read-by-index.ts';
import { type TestDatabase, testDatabase } from './testing/test-database.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase({ poolSize: 1 });
  await database.pool.query(`create table job (id integer, open boolean);
    create index job_open on job (id) where open;
    insert into job select n, true from generate_series(1, 5000) n;
    analyze job;
    update job set open = false where id > 3`);
}, 60_000);
afterAll(() => database.close());

const open = 'select id from job where open';
const planOf = (rows: readonly object[]): string => JSON.stringify(rows);

it('reads what is in an index by it, whatever the statistics are of', async () => {
  const { rows } = await database.pool.query(`explain ${open}`);
  expect(planOf(rows)).toContain('Seq Scan');
  expect(planOf(await readByIndex(database.pool, `explain ${open}`))).toMatch(
    /"Index (Only )?Scan using job_open/,
  );
  expect(await readByIndex(database.pool, `${open} order by id`)).toEqual([
    { id: 1 },
    { id: 2 },
    { id: 3 },
  ]);
});

it('leaves the connection as it was, also after an error', async () => {
  await expect(readByIndex(database.pool, 'select nonsense')).rejects.toThrow('nonsense');
  for (const name of ['enable_seqscan', 'enable_bitmapscan']) {
    const { rows } = await database.pool.query(`show ${name}`);
    expect(rows).toEqual([{ [name]: 'on' }]);
  }
});
