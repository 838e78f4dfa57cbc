import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Client } from 'pg';
import { PgCrashMarks } from './crash-marks.ts';
import { showPresence } from './presence.ts';
import { eventually } from './testing/eventually.ts';
import { type TestDatabase, testDatabase } from './testing/test-database.ts';

let database: TestDatabase;
const living = new Map<string, Client>();

beforeAll(async () => {
  database = await testDatabase();
}, 60_000);
afterAll(async () => {
  for (const client of living.values()) await client.end();
  await database?.close();
});
beforeEach(() => database.pool.query('truncate consumer_instance, crash_mark'));

/** A process of the service `shop` that lives. */
async function process(name: string): Promise<PgCrashMarks> {
  const client = new Client({ connectionString: database.url });
  client.on('error', () => {});
  await client.connect();
  await client.query(showPresence, [name]);
  living.set(name, client);
  return new PgCrashMarks(database.pool, 'shop', name);
}

/** Its connections end, as they do with kill -9. */
async function kill(name: string): Promise<void> {
  await living.get(name)?.end();
  living.delete(name);
  await eventually(async () => {
    const { rows } = await database.pool.query(
      `select count(*)::int n from pg_locks where locktype = 'advisory'
        and ((classid::bigint << 32) | objid::bigint) = hashtextextended($1, 0)`,
      [name],
    );
    return rows[0].n === 0;
  });
}

describe('crash marks', () => {
  it('tell of an unclean end, and count how often a message was begun and never ended', async () => {
    const one = await process('one');
    expect([await one.open(), await one.open()]).toEqual([false, false]);
    await kill('one');
    const two = await process('two');
    expect(await two.open()).toBe(true);
    expect([await two.begin('m'), await two.begin('n')]).toEqual([1, 1]);
    await two.end('n');
    await kill('two');
    const three = await process('three');
    expect([await three.open(), await three.begin('m'), await three.begin('n')]).toEqual([
      true,
      2,
      1,
    ]);
    await three.clear({ running: true });
    expect(await three.begin('m')).toBe(1);
    await three.clear({ running: false });
    expect(await (await process('four')).open()).toBe(false);
  });

  it('take no other process that runs for one that died', async () => {
    const one = await process('a1');
    const two = await process('a2');
    expect([await one.open(), await two.open()]).toEqual([false, false]);
    await one.clear({ running: false });
    expect(await two.open()).toBe(false);
  });

  it('tell a process that runs of the death of another one, whose messages it gets', async () => {
    const one = await process('b1');
    const two = await process('b2');
    await one.open();
    await two.open();
    await kill('b1');
    expect([await two.open(), await two.open()]).toEqual([true, false]);
  });

  it('stay when another process is through with its own suspects', async () => {
    const one = await process('c1');
    const two = await process('c2');
    await one.open();
    await two.open();
    expect([await one.begin('m'), await two.begin('n')]).toEqual([1, 1]);
    await two.clear({ running: true });
    expect([await one.begin('m'), await two.begin('n')]).toEqual([2, 1]);
  });
});
