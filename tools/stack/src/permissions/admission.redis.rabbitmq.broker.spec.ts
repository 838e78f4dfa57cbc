import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { declaredTopology } from '@waybill/contracts/topology';
import { connect } from 'amqplib';
import { Redis } from 'ioredis';
import { type TemporaryStack, temporaryStack } from '../temporary-stack.ts';
import { usersWith } from '../users.ts';
import { admitToRabbitmq } from './rabbitmq-users.ts';
import { admitToRedis } from './redis-acl.ts';

let temporary: TemporaryStack;
const urlOf = (name: 'REDIS_URL' | 'RABBITMQ_URL', service?: string): URL =>
  new URL(temporary.stack.environment(service)[name] ?? '');
const withPassword = (url: URL, password: string): string =>
  Object.assign(new URL(url), { password }).href;

/** Every service gets a new password. */
const names = usersWith({}, declaredTopology()).services;
const changed = usersWith(
  Object.fromEntries(names.map((name) => [name, `${name}-grapefruit`])),
  declaredTopology(),
);

beforeAll(async () => {
  temporary = temporaryStack();
  const options = { freePorts: true, secure: true };
  expect(await temporary.stack.up(['redis', 'rabbitmq'], options)).toEqual([]);
}, 180_000);
afterAll(() => temporary.remove(), 60_000);

describe('Redis, told of its users by its administrator', () => {
  async function as<T>(url: string, work: (redis: Redis) => Promise<T>): Promise<T> {
    const redis = new Redis(url, { lazyConnect: true, retryStrategy: () => null });
    redis.on('error', () => undefined);
    try {
      return await work(redis);
    } finally {
      redis.disconnect();
    }
  }

  beforeAll(async () => {
    await admitToRedis(urlOf('REDIS_URL').href, undefined, changed);
    await admitToRedis(urlOf('REDIS_URL').href, undefined, changed);
  });

  it('lets a service in by its new password, to its own names alone', async () => {
    const order = withPassword(urlOf('REDIS_URL', 'order'), 'order-grapefruit');
    expect(await as(order, (redis) => redis.set('waybill:a', '1'))).toBe('OK');
    await expect(as(order, (redis) => redis.set('other', '1'))).rejects.toThrow('NOPERM');
    await expect(as(order, (redis) => redis.flushall())).rejects.toThrow('NOPERM');
    const before = urlOf('REDIS_URL', 'order').href;
    await expect(as(before, (redis) => redis.ping())).rejects.toThrow();
  });

  it.each(names)(
    'denies %s the names of others, and what stops or empties Redis',
    async (service) => {
      const url = withPassword(urlOf('REDIS_URL', service), `${service}-grapefruit`);
      await as(url, async (redis) => {
        const denied = [
          redis.set('other', '1'),
          redis.get('other'),
          redis.publish('other', '1'),
          redis.flushall(),
          redis.keys('*'),
          redis.config('GET', 'requirepass'),
          redis.acl('LIST'),
          redis.call('SHUTDOWN', 'NOSAVE'),
        ];
        const answers = await Promise.allSettled(denied);
        expect(answers.map(({ status }) => status)).toEqual(denied.map(() => 'rejected'));
        expect(await redis.ping()).toBe('PONG');
      });
    },
  );

  it('knows them after a restart, too', async () => {
    await as(urlOf('REDIS_URL').href, (redis) => redis.acl('LOAD'));
    const order = withPassword(urlOf('REDIS_URL', 'order'), 'order-grapefruit');
    expect(await as(order, (redis) => redis.get('waybill:a'))).toBe('1');
  });

  it('that does not answer is told as what it is', async () => {
    await expect(admitToRedis('redis://127.0.0.1:1', undefined, changed)).rejects.toMatchObject({
      code: 'ECONNREFUSED',
    });
  });
});

describe('RabbitMQ, told of its users by its administrator', () => {
  const management = async () => {
    const [status] = await temporary.stack.status(['rabbitmq']);
    const { username, password } = urlOf('RABBITMQ_URL');
    return { url: `http://127.0.0.1:${status?.ports['management']}`, username, password };
  };

  async function queueOf(url: string, queue: string): Promise<unknown> {
    const connection = await connect(url);
    try {
      const channel = await connection.createChannel();
      channel.on('error', () => undefined);
      return await channel.assertQueue(queue);
    } finally {
      await connection.close();
    }
  }

  it('lets a service in by its new password, with no more rights than before', async () => {
    await admitToRabbitmq(await management(), changed);
    const order = withPassword(urlOf('RABBITMQ_URL', 'order'), 'order-grapefruit');
    await expect(queueOf(order, 'order.9')).rejects.toThrow(/ACCESS_REFUSED|403/);
    await expect(queueOf(urlOf('RABBITMQ_URL', 'order').href, 'order.9')).rejects.toThrow(
      /ACCESS_REFUSED|403/,
    );
    await expect(connect(order).then((connection) => connection.close())).resolves.toBeUndefined();
  });

  it('says so when it takes no users, and shows no password', async () => {
    const wrong = admitToRabbitmq({ ...(await management()), password: 'sesame-open' }, changed);
    await expect(wrong).rejects.toThrow(/takes no users: it answers 401$/);
  });
});
