import { randomUUID } from 'node:crypto';
import { afterEach, expect, it, jest } from '@jest/globals';
import { OwnRedis, until } from '@waybill/redis/testing';
import { Redis } from 'ioredis';
import { queueTests } from '../testing/queue.tests.ts';
import { RedisQueues } from './redis-queues.ts';

jest.setTimeout(30_000);

const url = process.env['REDIS_URL'] ?? '';
const endings: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of endings.splice(0).reverse()) await end();
});

async function queuesAt(at: string, namespace: string, limit?: number): Promise<RedisQueues> {
  const queues = new RedisQueues({
    url: at,
    service: 'test',
    namespace,
    ...(limit === undefined ? {} : { limit }),
  });
  await queues.open();
  return queues;
}

queueTests('Redis', () => queuesAt(url, `test-${randomUUID()}`, 8));

it('one process wakes and serves another, and no other namespace', async () => {
  const namespace = `test-${randomUUID()}`;
  const spaces = [namespace, namespace, `test-${randomUUID()}`];
  const all = await Promise.all(spaces.map((space) => queuesAt(url, space)));
  endings.push(...all.map((queues) => () => queues.close()));
  const [one, other, foreign] = all.map((queues) => queues.priority('mail'));
  const waiting = one?.take(1, { lease: 1_000, wait: 5_000 });
  await other?.add([{ id: 'a', priority: 'low' }]);
  expect((await waiting)?.map(({ id }) => id)).toEqual(['a']);
  expect(await foreign?.size()).toEqual({ ready: 0, later: 0, leased: 0 });
});

it('more calls than connections take turns, and the gauges say how many are in use', async () => {
  const queues = await queuesAt(url, `test-${randomUUID()}`, 2);
  endings.push(() => queues.close());
  const list = queues.list('hints');
  const waiting = [list.pop(200), list.pop(200), list.pop(200)];
  expect(queues.connections).toEqual({ limit: 2, open: 2, active: 2 });
  await Promise.all(waiting);
  expect(queues.connections).toEqual({ limit: 2, open: 2, active: 0 });
});

it('many entries are added by one pipeline, not one by one', async () => {
  const redis = await OwnRedis.start();
  endings.push(() => redis.kill());
  const queues = await queuesAt(redis.url, 'test');
  endings.push(() => queues.close());
  const raw = new Redis(redis.url);
  endings.push(async () => raw.disconnect());
  const reads = async () =>
    Number(/total_reads_processed:(\d+)/.exec(await raw.info('stats'))?.[1] ?? Number.NaN);
  const before = await reads();
  const ids = Array.from({ length: 1_200 }, (_, n) => `${n}`);
  await queues.priority('mail').add(ids.map((id) => ({ id, priority: 'normal' })));
  expect((await reads()) - before).toBeLessThan(100);
  expect(await queues.priority('mail').peek(2_000)).toEqual(ids);
});

it('while Redis is away calls fail at once, and a wiped one begins anew', async () => {
  const redis = await OwnRedis.start();
  endings.push(() => redis.kill());
  const queues = await queuesAt(redis.url, 'test');
  endings.push(() => queues.close());
  const queue = queues.priority('mail');
  await queue.add([{ id: 'a', priority: 'normal' }]);
  await redis.kill();
  await expect(queue.size()).rejects.toMatchObject({ code: 'broker_away' });
  await redis.start();
  let size: Awaited<ReturnType<typeof queue.size>> | null = null;
  await until('it is back', async () => {
    size = await queue.size().catch(() => null);
    return size !== null;
  });
  expect(size).toEqual({ ready: 0, later: 0, leased: 0 });
  const waiting = queue.take(1, { lease: 1_000, wait: 5_000 });
  await queue.add([{ id: 'a', priority: 'normal' }]);
  expect((await waiting).map(({ id }) => id)).toEqual(['a']);
});
