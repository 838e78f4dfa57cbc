import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, expect, it, jest } from '@jest/globals';
import { redisCommands } from '@waybill/redis';
import { atOnce, OwnRedis, until } from '@waybill/redis/testing';
import { type CatalogueEntry, NoProductCache, type ProductCache } from './product-cache.ts';
import { productCacheOf, RedisProductCache } from './redis-product-cache.ts';

jest.setTimeout(30_000);

const url = process.env['REDIS_URL'] ?? '';
const mug: CatalogueEntry = {
  sku: 'MUG',
  name: 'Stoneware mug "ø"',
  description: 'Holds 350 ml.',
  category: 'Home',
  imageUrl: '/images/mug.svg',
  price: { amount: 1_290, currency: 'EUR' },
  weightGrams: 380,
  taxClass: 'standard',
  revision: 1,
};

/** A database with one product. */
class Shelf {
  reads = 0;
  price = 1_290;
  hold: () => Promise<void> = async () => {};

  readonly load = async (): Promise<CatalogueEntry | undefined> => {
    this.reads += 1;
    const { price } = this;
    await this.hold();
    return { ...mug, price: { amount: price, currency: 'EUR' } };
  };
}

let namespace: string;
let shelf: Shelf;
const endings: (() => Promise<unknown>)[] = [];
beforeEach(() => {
  namespace = `test-${randomUUID()}`;
  shelf = new Shelf();
});
afterEach(async () => {
  for (const end of endings.splice(0).reverse()) await end();
});

async function cacheAt(at: string, troubles: string[] = []): Promise<ProductCache> {
  const cache = await productCacheOf({ url: at, namespace }, (what, error) =>
    troubles.push(`${what}: ${error.message}`),
  );
  if (cache instanceof RedisProductCache) {
    endings.push(() => cache.onApplicationShutdown());
    await cache.onModuleInit();
  }
  if (at === url) await until('Redis answers in time', () => remembers(cache));
  return cache;
}

/** While Redis is slow, as for the first commands of a process, each read goes to the database. */
async function remembers(cache: ProductCache): Promise<boolean> {
  const other = new Shelf();
  const sku = randomUUID();
  await cache.read(sku, other.load);
  await cache.read(sku, other.load);
  return other.reads === 1;
}

const priceIn = async (cache: ProductCache) => (await cache.read('MUG', shelf.load))?.price.amount;

it('an entry is read from the database once, for all replicas, and comes back as it was', async () => {
  const [one, other] = [await cacheAt(url), await cacheAt(url)];
  expect(await one.read('MUG', shelf.load)).toEqual(mug);
  expect([await one.read('MUG', shelf.load), await other.read('MUG', shelf.load)]).toEqual([
    mug,
    mug,
  ]);
  expect(shelf.reads).toBe(1);
});

it('many who miss at the same moment wait for one read', async () => {
  const cache = await cacheAt(url);
  const prices = await Promise.all(Array.from({ length: 100 }, () => priceIn(cache)));
  expect([new Set(prices), shelf.reads]).toEqual([new Set([1_290]), 1]);
});

it('a change is seen by every replica as soon as it is told', async () => {
  const [one, other] = [await cacheAt(url), await cacheAt(url)];
  expect([await priceIn(one), await priceIn(other)]).toEqual([1_290, 1_290]);
  shelf.price = 990;
  await one.forget('MUG');
  expect([await priceIn(one), await priceIn(other)]).toEqual([990, 990]);
});

it('what was read before a change is not remembered after it', async () => {
  const [one, other] = [await cacheAt(url), await cacheAt(url)];
  let release = (): void => {};
  shelf.hold = () =>
    new Promise((resolve) => {
      release = resolve;
    });
  const late = priceIn(other);
  await until('it is reading', () => shelf.reads === 1);
  shelf.hold = async () => {};
  shelf.price = 990;
  await one.forget('MUG');
  release();
  expect(await late).toBe(1_290);
  expect([await priceIn(one), await priceIn(other)]).toEqual([990, 990]);
});

it('a product that does not exist is not remembered, nor is a failure', async () => {
  const cache = await cacheAt(url);
  expect(await cache.read('NEW', async () => undefined)).toBeUndefined();
  await expect(cache.read('NEW', () => Promise.reject(new Error('no database')))).rejects.toThrow(
    'no database',
  );
  expect(await cache.read('NEW', async () => mug)).toEqual(mug);
});

it('what somebody else wrote there is no entry', async () => {
  const raw = redisCommands({ url, service: 'test', namespace });
  endings.push(() => raw.close());
  await raw.open();
  await raw.attempt((client) => client.set(`${namespace}:product:MUG`, '{"half'));
  expect(await priceIn(await cacheAt(url))).toBe(1_290);
});

it('an entry is forgotten after seconds, whatever happens', async () => {
  const raw = redisCommands({ url, service: 'test', namespace });
  endings.push(() => raw.close());
  await raw.open();
  await priceIn(await cacheAt(url));
  const left = await raw.attempt((client) => client.pttl(`${namespace}:product:MUG`));
  expect(left).toBeGreaterThan(0);
  expect(left).toBeLessThanOrEqual(5_000);
});

it('an entry that is read shortly before it expires is loaded again, although nobody reads it any more', async () => {
  const [one, other] = [await cacheAt(url), await cacheAt(url)];
  const raw = redisCommands({ url, service: 'test', namespace });
  endings.push(() => raw.close());
  await raw.open();
  // A slow Redis may expire the entry before it is read, or lose the hint: then another product is tried.
  await until(
    'an entry is loaded again',
    async () => {
      const sku = randomUUID();
      const own = new Shelf();
      const key = `${namespace}:product:${sku}`;
      await one.read(sku, own.load);
      await raw.attempt((client) => client.pexpire(key, 1_900)).catch(() => 0);
      own.price = 990;
      if ((await other.read(sku, own.load))?.price.amount !== 1_290) return false;
      const isGone = () => raw.attempt((client) => client.exists(key)).then((there) => there === 0);
      await until('it is loaded or gone', () => own.reads > 1 || isGone().catch(() => false));
      return own.reads === 2 && (await other.read(sku, own.load))?.price.amount === 990;
    },
    20_000,
  );
});

it('Redis down costs a reader nothing, and is used again when it is back', async () => {
  const redis = await OwnRedis.start();
  endings.push(() => redis.kill());
  const troubles: string[] = [];
  const cache = await cacheAt(redis.url, troubles);
  await priceIn(cache);
  await redis.kill();
  await until('it is noticed', () => troubles.length > 0);
  for (let n = 0; n < 100; n += 1) expect(await atOnce(priceIn(cache))).toBe(1_290);
  await atOnce(cache.forget('MUG'));
  expect(shelf.reads).toBe(101);
  await redis.start();
  const isUsed = async () => {
    const { reads } = shelf;
    await priceIn(cache);
    await priceIn(cache);
    return shelf.reads < reads + 2;
  };
  await until('the cache is used again', isUsed);
});

it('Redis that hangs is waited for by one reader, and costs those after it nothing', async () => {
  const redis = await OwnRedis.start();
  endings.push(() => redis.kill());
  const cache = await cacheAt(redis.url);
  redis.freeze();
  expect(await priceIn(cache)).toBe(1_290);
  for (let n = 0; n < 20; n += 1) expect(await atOnce(priceIn(cache))).toBe(1_290);
});

it('without Redis every read goes to the database', async () => {
  const cache = await productCacheOf(null, () => undefined);
  expect(cache).toBeInstanceOf(NoProductCache);
  await priceIn(cache);
  await priceIn(cache);
  await cache.forget('MUG');
  expect(shelf.reads).toBe(2);
});
