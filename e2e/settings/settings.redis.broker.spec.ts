import process from 'node:process';
import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import { analyticsConfig } from '@waybill/analytics';
import { FaultProxy } from '@waybill/messaging/testing';
import { type RedisCommands, RedisPool, redisCommands } from '@waybill/redis';
import { readSettings } from '@waybill/service';
import { type Configured, configured, found } from './configured.ts';

jest.setTimeout(60_000);

const given = { REDIS_COMMAND_MS: '2500', REDIS_POOL: '3' };
const direct = new URL(process.env['REDIS_URL'] ?? '');

let proxy: FaultProxy;
let service: Configured;
let pool: RedisPool;
let commands: RedisCommands;

/** The connections of a client that Redis has. */
async function connections(name: string): Promise<number> {
  const list = String(await commands.client.client('LIST'));
  return list.split('\n').filter((line) => line.includes(` name=${name} `)).length;
}

beforeAll(async () => {
  proxy = await FaultProxy.open({ host: direct.hostname, port: Number(direct.port || 6379) });
  const url = Object.assign(new URL(direct), { host: `127.0.0.1:${proxy.port}` });
  service = await configured('redis', { ...given, REDIS_URL: url.href });
  const env = { ...process.env, ...given, BROKER_NAMESPACE: service.namespace };
  const [{ redis, redisPool }] = readSettings('analytics', env, [analyticsConfig]);
  if (!redis) throw new Error('no Redis');
  commands = redisCommands({ ...redis, service: 'settings' });
  pool = new RedisPool({ ...redis, service: service.namespace, limit: redisPool });
  await Promise.all([service.scene.broker.declare([]), commands.open()]);
});
afterAll(async () => {
  await Promise.all([service.close(), pool.close(), commands.close()]);
  await proxy.close();
});

it('REDIS_POOL is how many connections Redis has of the work queues, however many calls there are', async () => {
  let release = (): void => undefined;
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  const calls = Array.from({ length: 9 }, () =>
    pool.use(async (redis) => {
      await redis.ping();
      await held;
    }),
  );
  const outcomes = Promise.allSettled(calls);
  const name = `${service.namespace}.commands`;
  await found(async () => ((await connections(name)) >= 3 ? true : undefined));
  expect([await connections(name), pool.used]).toEqual([3, { limit: 3, open: 3, active: 3 }]);
  release();
  await outcomes;
});

it('REDIS_COMMAND_MS is what the client of services waits for', () => {
  expect(commands.client.options.commandTimeout).toBe(2_500);
});

it('REDIS_COMMAND_MS is what the broker waits for', async () => {
  const { scene } = service;
  const live = { channel: 'shop.live', kind: 'live' } as const;
  await scene.publish(scene.message('a', live)).settled(1);
  proxy.set({ silent: 'down' });
  const began = performance.now();
  await scene.publish(scene.message('b', live)).settled(1);
  expect(performance.now() - began).toBeGreaterThanOrEqual(2_400);
});

it('the namespace is the first part of what Redis knows', () => {
  expect(pool.prefix).toBe(`${service.namespace}:`);
});
