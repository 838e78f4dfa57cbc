import { randomUUID } from 'node:crypto';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { FaultProxy } from '@waybill/messaging/testing';
import { Redis } from 'ioredis';
import { type RedisBroker, redisBroker } from './redis-broker.ts';
import type { RedisOptions } from './redis-options.ts';
import { atOnce, liveMessage, publish, until } from './testing/live.fixture.ts';
import { OwnRedis } from './testing/own-redis.ts';

jest.setTimeout(30_000);

const shared = new URL(process.env['REDIS_URL'] ?? '');
const endings: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of endings.splice(0).reverse()) await end();
});

/** A connected broker, with the troubles that it reported. */
async function brokerAt(url: string, options: Partial<RedisOptions> = {}) {
  const troubles: string[] = [];
  const broker = redisBroker({
    url,
    service: 'test',
    namespace: `test-${randomUUID()}`,
    onTrouble: (what, { message }) => troubles.push(`${what}: ${message}`),
    ...options,
  });
  endings.push(() => broker.close());
  await broker.declare([]);
  return { broker, troubles };
}

/** Observes, and resolves when the observer is subscribed. */
async function watch(broker: RedisBroker, pattern = 'order.updated.#') {
  const seen: string[] = [];
  let gaps = 0;
  const onGap = () => {
    gaps += 1;
  };
  const stop = broker.observe(pattern, ({ key }) => seen.push(key), { onGap });
  await until('the observer is subscribed', () => broker.listens);
  return { seen, stop, gaps: () => gaps };
}

async function ownRedis(): Promise<OwnRedis> {
  const redis = await OwnRedis.start();
  endings.push(() => redis.kill());
  return redis;
}

async function throughProxy() {
  const proxy = await FaultProxy.open({ host: shared.hostname, port: Number(shared.port) });
  endings.push(() => proxy.close());
  const namespace = `test-${randomUUID()}`;
  const made = await brokerAt(`redis://127.0.0.1:${proxy.port}`, { namespace });
  const { broker: direct } = await brokerAt(shared.href, { namespace });
  return { proxy, direct, ...made };
}

describe('processes that listen', () => {
  it('all hear a message of any of them, in the order of its sender', async () => {
    const namespace = `test-${randomUUID()}`;
    const brokers = await Promise.all(
      [1, 2, 3].map(async () => (await brokerAt(shared.href, { namespace })).broker),
    );
    const watchers = await Promise.all(brokers.map((broker) => watch(broker)));
    const keys = Array.from({ length: 200 }, (_, n) => `order-${n}`);
    const told = await publish(brokers[0] as RedisBroker, ...keys.map((key) => liveMessage(key)));
    expect(new Set(told)).toEqual(new Set(['ok']));
    await until('all received all', () => watchers.every(({ seen }) => seen.length === 200));
    for (const { seen } of watchers) expect(seen).toEqual(keys);
  });

  it('are told of a gap once their first subscription stands, and not again when another joins', async () => {
    const { broker } = await brokerAt(shared.href);
    const first = await watch(broker);
    expect(first.gaps()).toBe(1);
    const second = await watch(broker, 'order.#');
    expect([first.gaps(), second.gaps()]).toEqual([1, 0]);
  });

  it('subscribe only what somebody observes, and nothing once all have left', async () => {
    const service = `subscriber-${randomUUID()}`;
    const { broker } = await brokerAt(shared.href, { service });
    const raw = new Redis(shared.href);
    endings.push(async () => raw.disconnect());
    const subscribed = async () => {
      const rows = String(await raw.client('LIST')).split('\n');
      const own = rows.find((row) => row.includes(`${service}.subscriber`));
      return own?.match(/\bp?sub=\d+/g)?.join(' ');
    };
    const one = await watch(broker);
    const other = await watch(broker, '#');
    const again = await watch(broker, 'order.*');
    expect(await subscribed()).toBe('sub=1 psub=1');
    again.stop();
    one.stop();
    other.stop();
    await until('nothing is subscribed', async () => (await subscribed()) === 'sub=0 psub=0');
  });

  it('drop what a foreign client publishes and is no envelope, say so, and hear the next', async () => {
    const namespace = `test-${randomUUID()}`;
    const { broker, troubles } = await brokerAt(shared.href, { namespace });
    const { seen } = await watch(broker);
    const raw = new Redis(shared.href);
    endings.push(async () => raw.disconnect());
    for (const forged of ['', 'x'.repeat(1_000_000), '{"id":1}', '[]', '\u0000'])
      await raw.publish(`${namespace}:live:order`, forged);
    await publish(broker, liveMessage('good'));
    await until('the good one is received', () => seen.length > 0);
    expect(seen).toEqual(['good']);
    expect(troubles.length).toBe(5);
    for (const told of troubles) expect(told).toMatch(/dropped: not an envelope/);
  });
});

describe('a broken line', () => {
  it.each(['reset', 'end'] as const)(
    'that ends by %s is made again, and observers are told of the gap when they hear again',
    async (how) => {
      const { proxy, direct, broker, troubles } = await throughProxy();
      const watcher = await watch(broker);
      const before = watcher.gaps();
      proxy.cut(how);
      await until('the gap is told', () => watcher.gaps() > before, 5_000);
      await publish(direct, liveMessage('after'));
      await until('it receives again', () => watcher.seen.includes('after'));
      expect(watcher.gaps()).toBe(before + 1);
      await until('it is connected', () => broker.state() === 'connected');
      expect(troubles.length).toBeGreaterThan(0);
    },
  );

  it('in the middle of a publish settles every message once, and loses none that was taken', async () => {
    const { proxy, direct, broker } = await throughProxy();
    const { seen } = await watch(direct);
    const told = new Map<string, string[]>();
    const keys = Array.from({ length: 500 }, (_, n) => `order-${n}`);
    for (const [n, key] of keys.entries()) {
      const message = liveMessage(key);
      const tellings: string[] = [];
      told.set(key, tellings);
      broker.publish([message], (_, error) => tellings.push(error ? 'lost' : 'ok'));
      if (n % 50 === 0) await new Promise((resolve) => setImmediate(resolve));
      if (n === 250) proxy.cut();
    }
    await until('all are settled', () => [...told.values()].every(({ length }) => length > 0));
    for (const tellings of told.values()) expect(tellings.length).toBe(1);
    const taken = [...told].filter(([, [first]]) => first === 'ok').map(([key]) => key);
    await until('what was accepted is received', () => taken.every((key) => seen.includes(key)));
    expect(new Set(seen).size).toBe(seen.length);
  });

  it('that is silent is found by pings, and made again', async () => {
    const { proxy, direct, broker } = await throughProxy();
    const watcher = await watch(broker);
    const before = watcher.gaps();
    proxy.set({ silent: 'both' });
    await until('it is noticed', () => broker.state() === 'connecting', 5_000);
    proxy.set({});
    await until('the gap is told', () => watcher.gaps() > before, 8_000);
    await publish(direct, liveMessage('after'));
    await until('it receives again', () => watcher.seen.includes('after'));
  });

  it('that loses the answers makes a publish fail, whatever Redis did', async () => {
    const { proxy, direct, broker } = await throughProxy();
    const { seen } = await watch(direct);
    proxy.set({ silent: 'down' });
    expect(await publish(broker, liveMessage('unknown'))).toEqual(['broker_away']);
    await until('Redis had it all the same', () => seen.includes('unknown'));
  });

  it('with latency takes messages all the same', async () => {
    const { proxy, direct, broker } = await throughProxy();
    const { seen } = await watch(direct);
    proxy.set({ latency: 300 });
    expect(await publish(broker, liveMessage('slow'))).toEqual(['ok']);
    await until('it is received', () => seen.includes('slow'));
  });

  it('is made again for ever, and a trouble is told once an outage', async () => {
    const { proxy, broker, troubles } = await throughProxy();
    await watch(broker);
    for (let outage = 1; outage <= 3; outage += 1) {
      proxy.set({ refuse: true });
      proxy.cut();
      await until('it is noticed', () => troubles.length >= 2 * outage);
      const before = proxy.tries;
      await until('both have tried again and again', () => proxy.tries >= before + 6);
      proxy.set({});
      await until('it is back', () => broker.state() === 'connected');
      expect(troubles.length).toBe(2 * outage);
    }
  });

  it('that breaks again at every moment of a new connection is made again all the same', async () => {
    const { proxy, direct, broker } = await throughProxy();
    const watcher = await watch(broker);
    const isWell = () => broker.listens && broker.state() === 'connected';
    for (let n = 0; n < 40; n += 1) {
      await until('it is well', isWell);
      const before = proxy.tries;
      proxy.set({ refuse: n % 3 === 0, latency: n % 2 });
      proxy.cut(n % 4 === 0 ? 'end' : 'reset');
      await until('it tries again', () => proxy.tries > before);
      for (let turn = 0; turn < n; turn += 1) await new Promise((next) => setImmediate(next));
      proxy.cut(n % 4 === 1 ? 'end' : 'reset');
      proxy.set({});
    }
    await until('it is well', isWell);
    const before = watcher.gaps();
    proxy.cut();
    await until('it receives again', () => watcher.gaps() > before && broker.listens);
    await publish(direct, liveMessage('after'));
    await until('news come', () => watcher.seen.includes('after'));
    await until('publishing works', () => broker.state() === 'connected');
    expect(await publish(broker, liveMessage('own'))).toEqual(['ok']);
  });

  it('does not bring back a subscription that was given up meanwhile', async () => {
    const { proxy, direct, broker } = await throughProxy();
    const left = await watch(broker);
    const stays = await watch(broker);
    const before = stays.gaps();
    proxy.set({ refuse: true });
    proxy.cut();
    left.stop();
    proxy.set({});
    await until('it receives again', () => stays.gaps() > before);
    await publish(direct, liveMessage('after'));
    await until('the one that stayed receives', () => stays.seen.length > 0);
    expect(left.seen).toEqual([]);
  });
});

describe('Redis down', () => {
  it.each(['stop', 'kill'] as const)(
    'by %s makes a publish fail at once, and after a restart all is well within five seconds',
    async (how) => {
      const redis = await ownRedis();
      const { broker } = await brokerAt(redis.url);
      const watcher = await watch(broker);
      const before = watcher.gaps();
      await redis[how]();
      await until('it is noticed', () => broker.state() === 'connecting');
      const many = Array.from({ length: 1_000 }, (_, n) => liveMessage(`order-${n}`));
      expect(new Set(await atOnce(publish(broker, ...many)))).toEqual(new Set(['broker_away']));
      await redis.start();
      await until('the gap is told', () => watcher.gaps() > before, 5_000);
      await until('publishing works', () => broker.state() === 'connected', 5_000);
      expect(await publish(broker, liveMessage('after'))).toEqual(['ok']);
      await until('it receives again', () => watcher.seen.includes('after'));
    },
  );

  it('frozen, and thawed, is received from again', async () => {
    const redis = await ownRedis();
    const { broker } = await brokerAt(redis.url);
    const watcher = await watch(broker);
    redis.freeze();
    expect(await publish(broker, liveMessage('lost'))).toEqual(['broker_away']);
    await until('it is noticed', () => broker.state() === 'connecting', 6_000);
    redis.thaw();
    await until('it is back', () => broker.state() === 'connected' && broker.listens);
    expect(await publish(broker, liveMessage('after'))).toEqual(['ok']);
    await until('it receives again', () => watcher.seen.includes('after'));
  });

  it('at the start stops nobody: it is told, and the observer receives when Redis starts', async () => {
    const redis = await ownRedis();
    await redis.kill();
    const { broker, troubles } = await brokerAt(redis.url);
    const seen: string[] = [];
    broker.observe('#', ({ key }) => seen.push(key));
    expect(await publish(broker, liveMessage('early'))).toEqual(['broker_away']);
    expect(troubles[0]).toMatch(/^redis publisher: REDIS_URL: nothing answers at 127\.0\.0\.1:\d+/);
    await redis.start();
    await until('it is there', () => broker.state() === 'connected' && broker.listens);
    expect(await publish(broker, liveMessage('after'))).toEqual(['ok']);
    await until('it is subscribed', () => seen.includes('after'));
  });

  it('does not hold up closing', async () => {
    const redis = await ownRedis();
    const { broker } = await brokerAt(redis.url);
    await watch(broker);
    await redis.kill();
    await broker.close();
    expect(broker.state()).toBe('closed');
  });
});

describe('closing', () => {
  it('settles what is under way, refuses what comes later, and may be done twice', async () => {
    const { broker } = await brokerAt(shared.href);
    const sent = publish(broker, liveMessage('a'), liveMessage('b'));
    const closed = broker.close();
    expect(await publish(broker, liveMessage('late'))).toEqual(['broker_closed']);
    await Promise.all([closed, broker.close()]);
    expect(await sent).toEqual(['ok', 'ok']);
    await expect(broker.declare([])).rejects.toMatchObject({ code: 'broker_closed' });
  });

  it('leaves no connection behind', async () => {
    const service = `leaver-${randomUUID()}`;
    const { broker } = await brokerAt(shared.href, { service, instance: 'one' });
    await watch(broker);
    const raw = new Redis(shared.href);
    endings.push(async () => raw.disconnect());
    const names = async () =>
      String(await raw.client('LIST')).match(new RegExp(`${service}\\S*`, 'g'));
    expect((await names())?.sort()).toEqual([
      `${service}.one.publisher`,
      `${service}.one.subscriber`,
    ]);
    await broker.close();
    await until('its connections are gone', async () => (await names()) === null);
  });
});
