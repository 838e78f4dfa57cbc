import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, expect, it, jest } from '@jest/globals';
import { atOnce, OwnRedis, until } from '@waybill/redis/testing';
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

async function untilCounted(counts: SharedCounts, address = '10.0.0.1'): Promise<void> {
  await until('requests are counted', async () => (await counts.within(address)) === true);
}

/** The results for an address whose calls all fell into one second without delays; a busy machine gets another try. */
async function toldInTime(
  send: (address: string) => Promise<readonly (boolean | null)[]>,
): Promise<readonly (boolean | null)[]> {
  for (;;) {
    const started = performance.now();
    const told = await send(randomUUID());
    if (!told.includes(null) && performance.now() - started < 900) return told;
    await wait(50);
  }
}

it('two gateways count an address together, and another apart', async () => {
  const namespace = `test-${randomUUID()}`;
  const [one, other] = await Promise.all([
    countsAt(shared, 100, namespace),
    countsAt(shared, 100, namespace),
  ]);
  const told = await toldInTime((address) => {
    const counts = (n: number) => (n % 2 ? one : other).counts;
    return Promise.all([
      ...Array.from({ length: 150 }, (_, n) => counts(n).within(address)),
      one.counts.within(`not ${address}`),
    ]);
  });
  expect(told.at(-1)).toBe(true);
  expect(told.slice(0, -1).filter(Boolean).length).toBe(100);
});

it('who was refused has room again in the next second', async () => {
  const { counts } = await countsAt(shared, 1);
  let address = '';
  const told = await toldInTime(async (asked) => {
    address = asked;
    return [await counts.within(asked), await counts.within(asked)];
  });
  expect(told).toEqual([true, false]);
  await untilCounted(counts, address);
});

it('nobody knows while Redis is down, which costs no time, and all is well when it is back', async () => {
  const redis = await ownRedis();
  const { counts, troubles } = await countsAt(redis.url, 1_000);
  await untilCounted(counts);
  await redis.kill();
  await until('it is noticed', () => troubles.length > 0);
  for (let n = 0; n < 100; n += 1) expect(await atOnce(counts.within('10.0.0.1'))).toBeNull();
  await redis.start();
  await untilCounted(counts);
  expect(troubles.length).toBe(1);
});

it('a Redis that hangs is waited for once, and costs the next requests nothing', async () => {
  const redis = await ownRedis();
  const { counts } = await countsAt(redis.url, 1_000);
  await untilCounted(counts);
  redis.freeze();
  expect(await counts.within('10.0.0.1')).toBeNull();
  for (let n = 0; n < 10; n += 1) expect(await atOnce(counts.within('10.0.0.1'))).toBeNull();
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
