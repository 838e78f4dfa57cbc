import { randomUUID } from 'node:crypto';
import { afterEach, expect, it, jest } from '@jest/globals';
import { OwnRedis, until } from '@waybill/redis/testing';
import { openSharedCounts, type SharedCounts } from './shared-counts.ts';

jest.setTimeout(30_000);

const shared = process.env['REDIS_URL'] ?? '';
const endings: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of endings.splice(0).reverse()) await end();
});

async function countsAt(url: string, perSecond: number, namespace = `test-${randomUUID()}`) {
  const troubles: string[] = [];
  const counts = (await openSharedCounts({ url, namespace }, perSecond, (what, { message }) =>
    troubles.push(`${what}: ${message}`),
  )) as SharedCounts;
  endings.push(() => counts.close());
  return { counts, troubles };
}

async function ownRedis(): Promise<OwnRedis> {
  const redis = await OwnRedis.start();
  endings.push(() => redis.kill());
  return redis;
}

/** Milliseconds that an answer took, and the answer. */
async function timed(counts: SharedCounts): Promise<readonly [boolean | null, number]> {
  const started = performance.now();
  return [await counts.within('10.0.0.1'), performance.now() - started];
}

it('two gateways count an address together, and another apart', async () => {
  const namespace = `test-${randomUUID()}`;
  // So many that the second in which they are counted does not matter.
  const [one, other] = await Promise.all([
    countsAt(shared, 100, namespace),
    countsAt(shared, 100, namespace),
  ]);
  const asks = Array.from({ length: 150 }, (_, n) => (n % 2 ? one : other).counts.within('a'));
  const told = await Promise.all(asks);
  expect([told.filter(Boolean).length, told.includes(null)]).toEqual([100, false]);
  expect(await one.counts.within('b')).toBe(true);
});

it('who was refused has room again in the next second', async () => {
  const { counts } = await countsAt(shared, 1);
  expect([await counts.within('a'), await counts.within('a')]).toEqual([true, false]);
  let room = false;
  while (!room) room = (await counts.within('a')) === true;
});

it('nobody knows while Redis is down, which costs no time, and all is well when it is back', async () => {
  const redis = await ownRedis();
  const { counts, troubles } = await countsAt(redis.url, 1_000);
  expect((await timed(counts))[0]).toBe(true);
  await redis.kill();
  await until('it is noticed', () => troubles.length > 0);
  for (let n = 0; n < 100; n += 1) {
    const [told, ms] = await timed(counts);
    expect(told).toBeNull();
    expect(ms).toBeLessThan(50);
  }
  await redis.start();
  let back = false;
  while (!back) {
    back = (await counts.within('10.0.0.1')) === true;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  expect(troubles.length).toBe(1);
});

it('a Redis that hangs costs one request a tenth of a second, and the next ones nothing', async () => {
  const redis = await ownRedis();
  const { counts } = await countsAt(redis.url, 1_000);
  expect((await timed(counts))[0]).toBe(true);
  redis.freeze();
  const [first, patience] = await timed(counts);
  expect([first, patience < 400]).toEqual([null, true]);
  const [next, ms] = await timed(counts);
  expect([next, ms < 50]).toEqual([null, true]);
});

it('a Redis that is not there at the start stops nobody', async () => {
  const redis = await ownRedis();
  await redis.kill();
  const { counts, troubles } = await countsAt(redis.url, 10);
  expect(await counts.within('a')).toBeNull();
  expect(troubles).toEqual([expect.stringMatching(/^redis commands: REDIS_URL: nothing answers/)]);
});

it('a wrong password stops the start in one line that does not show it', async () => {
  const redis = await OwnRedis.start(['--requirepass', 'right']);
  endings.push(() => redis.kill());
  const url = redis.url.replace('redis://', 'redis://:hush-hush@');
  const refused = countsAt(url, 10);
  await expect(refused).rejects.toThrow(/^REDIS_URL is not what Redis at [^\n]+ accepts/);
  await expect(refused).rejects.not.toThrow(/hush/);
});
