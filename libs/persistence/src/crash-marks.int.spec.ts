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

/** A live process of the service `shop`. */
async function process(name: string): Promise<PgCrashMarks> {
  const client = new Client({ connectionString: database.url });
  client.on('error', () => {});
  await client.connect();
  await client.query(showPresence, [name]);
  living.set(name, client);
  return new PgCrashMarks(database.pool, 'shop', name);
}

const clean = { unclean: false, suspects: [] };

const starts = async (marks: PgCrashMarks, ...ids: string[]) =>
  Object.fromEntries(await marks.begin(ids));

/** Ends its connections, as kill -9 does. */
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
    expect([await one.open(), await one.open()]).toEqual([clean, clean]);
    await kill('one');
    const two = await process('two');
    expect(await two.open()).toEqual({ unclean: true, suspects: [] });
    expect(await starts(two, 'm', 'n', 'm', 'l')).toEqual({ l: 1, m: 1, n: 1 });
    await two.end(['n', 'l']);
    await kill('two');
    const three = await process('three');
    expect(await three.open()).toEqual({ unclean: true, suspects: ['m'] });
    expect(await starts(three, 'm', 'n')).toEqual({ m: 2, n: 1 });
    await three.clear({ running: true, sparing: [] });
    expect(await starts(three, 'm')).toEqual({ m: 1 });
    await three.clear({ running: false, sparing: [] });
    expect(await (await process('four')).open()).toEqual(clean);
  });

  it('take no other process that runs for one that died', async () => {
    const one = await process('a1');
    const two = await process('a2');
    expect([await one.open(), await two.open()]).toEqual([clean, clean]);
    await one.clear({ running: false, sparing: [] });
    expect(await two.open()).toEqual(clean);
  });

  it('tell a process that runs of the death of another one, whose messages it gets', async () => {
    const one = await process('b1');
    const two = await process('b2');
    await one.open();
    await two.open();
    await kill('b1');
    expect([await two.open(), await two.open()]).toEqual([{ unclean: true, suspects: [] }, clean]);
  });

  it('stay when another process is through with its own suspects', async () => {
    const one = await process('c1');
    const two = await process('c2');
    await one.open();
    await two.open();
    expect([await starts(one, 'm'), await starts(two, 'n')]).toEqual([{ m: 1 }, { n: 1 }]);
    await two.clear({ running: true, sparing: [] });
    await two.end(['m']);
    const three = await process('c3');
    expect(await three.open()).toEqual(clean);
    expect(await starts(three, 'm', 'n')).toEqual({ m: 2, n: 1 });
  });

  it('count a process once, however often it says that it begins', async () => {
    const one = await process('d1');
    await one.open();
    for (let n = 0; n < 4; n += 1) expect(await starts(one, 'm')).toEqual({ m: 1 });
  });

  it('are of one group: what others in its database have marked is nothing to it', async () => {
    const shop = await process('f1');
    const [mail, post] = ['mail', 'post'].map(
      (group) => new PgCrashMarks(database.pool, group, 'f1'),
    );
    for (const marks of [shop, mail, post]) await marks?.open();
    expect(await starts(mail as PgCrashMarks, 'm')).toEqual({ m: 1 });
    expect(await starts(shop, 'm', 'n')).toEqual({ m: 1, n: 1 });
    await shop.end(['m']);
    await kill('f1');
    const next = await process('f2');
    expect(await next.open()).toEqual({ unclean: true, suspects: ['n'] });
    await next.clear({ running: false, sparing: [] });
    const nextOf = (group: string) => new PgCrashMarks(database.pool, group, 'f2').open();
    expect(await nextOf('mail')).toEqual({ unclean: true, suspects: ['m'] });
    expect(await nextOf('post')).toEqual({ unclean: true, suspects: [] });
  });

  it('stay for what has not come yet when the others go', async () => {
    const one = await process('e1');
    await one.open();
    await starts(one, 'late', 'done');
    await kill('e1');
    const two = await process('e2');
    expect((await two.open()).suspects.toSorted()).toEqual(['done', 'late']);
    await two.clear({ running: true, sparing: ['late'] });
    expect(await starts(two, 'late', 'done')).toEqual({ late: 2, done: 1 });
  });
});
