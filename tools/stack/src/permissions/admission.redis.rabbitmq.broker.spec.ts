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
    expect(await as(order, (redis) => redis.set(queued('order'), '1'))).toBe('OK');
    await expect(as(order, (redis) => redis.set('other', '1'))).rejects.toThrow('NOPERM');
    await expect(as(order, (redis) => redis.flushall())).rejects.toThrow('NOPERM');
    const before = urlOf('REDIS_URL', 'order').href;
    await expect(as(before, (redis) => redis.ping())).rejects.toThrow();
  });

  const queued = (service: string) => `waybill:{work:${service}.queue}:items`;
  const kept: readonly (readonly [string, string])[] = [
    ...names.map((service) => [service, queued(service)] as const),
    ['analytics', 'waybill:{leaderboards}:sold'],
    ['gateway', 'waybill:rate:127.0.0.1'],
    ['gateway', 'waybill:ws:ticket:1'],
    ['inventory', 'waybill:product:MUG'],
  ];
  const channels: readonly (readonly [readonly string[], string])[] = [
    ...names.map((service) => [[service], `waybill:work:${service}.queue`] as const),
    [['gateway'], 'waybill:ws:peers'],
    [['gateway', 'notification'], 'waybill:live:notification'],
    [['order'], 'waybill:live:order'],
    [['customer', 'notification', 'order', 'payment', 'shipping'], 'waybill:live:customer'],
  ];

  describe.each(names)('lets %s', (service) => {
    const url = () => withPassword(urlOf('REDIS_URL', service), `${service}-grapefruit`);
    /** What Redis permits, in order. */
    const permitted = async (words: readonly (readonly [string, ...string[]])[]) =>
      as(url(), async (redis) => {
        const answers = await Promise.allSettled(
          words.map(([command, ...rest]) => redis.call(command, ...rest)),
        );
        return words
          .filter((_, at) => answers[at]?.status === 'fulfilled')
          .map((each) => each.join(' '));
      });

    it('read and write its own keys, and none of another service', async () => {
      const commandsOn = ([, key]: readonly [string, string]): [string, ...string[]][] => [
        ['SET', key, '1'],
        ['GET', key],
        // As a work queue does that looks for what is due.
        ['EVAL', `redis.call('TIME'); return redis.call('GET', KEYS[1])`, '1', key],
      ];
      const own = kept.filter(([owner]) => owner === service).flatMap(commandsOn);
      expect(await permitted(kept.flatMap(commandsOn))).toEqual(
        own.map((words) => words.join(' ')),
      );
    });

    it('publish and subscribe to the channels that it uses, and to no others', async () => {
      const own = channels.filter(([users]) => users.includes(service)).map(([, name]) => name);
      const publishes = channels.map(([, name]): [string, ...string[]] => ['PUBLISH', name, '']);
      expect(await permitted(publishes)).toEqual(own.map((name) => `PUBLISH ${name} `));
      const patterns = names.map((name) => `waybill:work:${name}.*`);
      const subscribed = await Promise.all(
        ['waybill:*', 'waybill:live:*', 'waybill:ws:*', ...patterns].map((pattern) =>
          as(url(), (redis) => redis.psubscribe(pattern)).then(
            () => [pattern],
            () => [],
          ),
        ),
      );
      const sockets = service === 'gateway' ? ['waybill:ws:*'] : [];
      expect(subscribed.flat()).toEqual([...sockets, `waybill:work:${service}.*`]);
    });

    it('do nothing that stops or empties Redis, or shows what others have', async () => {
      const denied: [string, ...string[]][] = [
        ['SET', 'other', '1'],
        ['PUBLISH', 'other', '1'],
        ['FLUSHALL'],
        ['KEYS', '*'],
        ['SCAN', '0'],
        ['RANDOMKEY'],
        ['CONFIG', 'GET', 'requirepass'],
        ['ACL', 'LIST'],
        ['SHUTDOWN', 'NOSAVE'],
      ];
      expect(await permitted([...denied, ['PING']])).toEqual(['PING']);
    });
  });

  it('knows them after a restart, too', async () => {
    await as(urlOf('REDIS_URL').href, (redis) => redis.acl('LOAD'));
    const order = withPassword(urlOf('REDIS_URL', 'order'), 'order-grapefruit');
    expect(await as(order, (redis) => redis.exists(queued('order')))).toBe(1);
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
