import process from 'node:process';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { Channel } from 'amqplib';
import { RabbitMqUnderTest } from './testing/rabbitmq-under-test.ts';

jest.setTimeout(30_000);

type Opener = () => Promise<Channel>;

/** Records where channels of a connection publish to from now on. */
function overheard(link: Record<'channel', Opener>) {
  const spoken: string[] = [];
  let count = 0;
  const original = link.channel.bind(link);
  link.channel = async () => {
    const channel = await original();
    count += 1;
    channel.publish = (exchange, routingKey) => spoken.push(`${exchange}/${routingKey}`) > 0;
    return channel;
  };
  return { spoken, opened: () => count };
}

describe('a RabbitMQ broker when things break', () => {
  let under: RabbitMqUnderTest;

  beforeEach(() => {
    under = new RabbitMqUnderTest(process.env['RABBITMQ_URL'] ?? '');
  });
  afterEach(() => under.end());

  it('lets another consumer go on at once after one crashed', async () => {
    const scene = await under.scene();
    await scene.group('orders');
    const doomed = await scene.elsewhere();
    await doomed.group('orders');
    const first = await doomed.holder('orders');
    await scene.until(() => first.partitions.size === 4);
    const second = await scene.consumer('orders');
    await scene.until(() => first.partitions.size === 2 && second.partitions.size === 2);
    const keys = Array.from({ length: 20 }, (_, n) => scene.message(`key${n}`));
    await scene.publishUntilConfirmed(...keys);
    const [held] = await first.received(1);
    await scene.crash(doomed);
    await scene.until(() => second.bodies().includes(held?.body ?? ''));
  });

  it('counts the consumers of a group in every process, until they unsubscribe or crash', async () => {
    const scene = await under.scene();
    await scene.group('orders', { partitions: 1 });
    const doomed = await scene.elsewhere();
    await doomed.group('orders', { partitions: 1 });
    const hasConsumers = (count: number) =>
      scene.until(async () => (await scene.broker.stats())[0]?.consumers === count);
    await hasConsumers(0);
    const first = await scene.consumer('orders');
    await doomed.consumer('orders');
    await hasConsumers(2);
    await scene.crash(doomed);
    await hasConsumers(1);
    await first.leave();
    await hasConsumers(0);
  });

  it('refuses activity while a group is full, and takes more when it has room', async () => {
    const scene = await under.scene({ activityLimit: 10 });
    const channel = 'shop.activity';
    const activity = { kind: 'activity', channel } as const;
    const orders = { kind: 'activity', partitions: 1, bindings: [{ channel }] } as const;
    await scene.group('orders', orders);
    let sent = 0;
    await scene.until(async () => {
      sent += 1;
      const [told] = await scene.publish(scene.message(`view ${sent}`, activity)).settled(1);
      return told === 'broker_full';
    });
    expect(sent).toBeGreaterThan(10);
    const consumer = await scene.consumer('orders');
    await consumer.received(sent - 1);
    await scene.publishUntilConfirmed(scene.message('one more', activity));
    await consumer.received(sent);
  });

  it('keeps a queue of activity that was made without a limit, and what waits in it', async () => {
    const scene = await under.scene();
    const foreigner = await under.foreigner();
    const name = `${under.namespace}.orders.0`;
    await foreigner.channel.assertQueue(name, {
      durable: true,
      arguments: {
        'x-queue-type': 'quorum',
        'x-single-active-consumer': true,
        'x-delivery-limit': 100,
        'x-dead-letter-exchange': `${under.namespace}.waybill.dead`,
        'x-dead-letter-routing-key': 'orders',
        'x-dead-letter-strategy': 'at-least-once',
        'x-overflow': 'reject-publish',
      },
    });
    foreigner.channel.sendToQueue(name, Buffer.from('old'));
    await foreigner.channel.waitForConfirms();
    await foreigner.close();
    await scene.group('orders', { kind: 'activity', partitions: 1 });
    expect((await (await scene.consumer('orders')).received(1))[0]?.body).toBe('old');
  });

  it('does not count as waiting what consumers ask of each other while one has its hands full', async () => {
    const scene = await under.scene({ drain: 15_000 });
    await scene.group('orders', { partitions: 1 });
    const full = await scene.holder('orders', 1);
    await scene.publishUntilConfirmed(scene.message('held'));
    await full.received(1);
    const other = await scene.elsewhere();
    await other.group('orders', { partitions: 1 });
    await (await other.consumer('orders')).leave();
    await scene.until(async () => (await scene.broker.stats())[0]?.depth === 0);
    full.deliveries[0]?.ack();
  });

  it('tells of a missing confirm in time, and is itself again when the line is', async () => {
    const troubles: string[] = [];
    const onTrouble = (what: string) => troubles.push(what);
    const scene = await under.scene({ confirmTimeout: 500, onTrouble });
    await scene.group('orders');
    await scene.publishUntilConfirmed(scene.message('before'));
    under.proxyOf(scene.broker).set({ silent: 'down' });
    expect(await scene.publish(scene.message('a')).settled(1)).toEqual(['unconfirmed']);
    under.proxyOf(scene.broker).set({});
    await scene.publishUntilConfirmed(scene.message('after'));
    expect(troubles).toContain('the connection for publishing broke');
  });

  it('fails at once while RabbitMQ is away, and publishes when it is back', async () => {
    const scene = await under.scene();
    await scene.group('orders');
    const proxy = under.proxyOf(scene.broker);
    proxy.set({ refuse: true });
    proxy.cut();
    expect(await scene.publish(scene.message('a')).settled(1)).toEqual(['broker_away']);
    proxy.set({});
    await scene.publishUntilConfirmed(scene.message('b'));
  });

  it('hands what RabbitMQ gave up on to the consumer again, with the reason', async () => {
    const scene = await under.scene({ deliveryLimit: 1 });
    await scene.group('orders');
    await scene.publishUntilConfirmed(scene.message('poison', { key: 'k' }));
    const consumer = await scene.holder('orders');
    for (let crash = 1; crash <= 2; crash += 1) {
      await consumer.received(crash);
      under.proxyOf(scene.broker).cut();
    }
    await scene.until(() => consumer.deliveries.some(({ gaveUp }) => gaveUp));
    const dead = consumer.deliveries.find(({ gaveUp }) => gaveUp);
    expect([dead?.body, dead?.gaveUp, dead?.channel]).toEqual([
      'poison',
      'RabbitMQ gave up: delivery limit',
      scene.channel,
    ]);
    dead?.ack();
  });

  it('makes a queue again that was deleted, and goes on', async () => {
    const scene = await under.scene();
    await scene.group('orders', { partitions: 1 });
    const consumer = await scene.consumer('orders');
    await scene.until(() => consumer.partitions.size === 1);
    const foreigner = await under.foreigner();
    await foreigner.channel.deleteQueue(`${under.namespace}.orders.0`);
    await scene.until(() => consumer.partitions.size === 0);
    await scene.until(() => consumer.partitions.size === 1);
    await scene.publishUntilConfirmed(scene.message('a'));
    await consumer.received(1);
    await foreigner.close();
  });

  it('makes an exchange again that was deleted', async () => {
    const scene = await under.scene();
    await scene.group('orders');
    const consumer = await scene.consumer('orders');
    await scene.publishUntilConfirmed(scene.message('before'));
    const foreigner = await under.foreigner();
    await foreigner.channel.deleteExchange(`${under.namespace}.${scene.channel}`);
    await scene.publishUntilConfirmed(scene.message('after'));
    await scene.until(() => consumer.bodies().includes('after'));
    await foreigner.close();
  });

  it('takes again what a purge has thrown away', async () => {
    const scene = await under.scene();
    await scene.group('orders', { partitions: 1 });
    const messages = scene.series('k', 5);
    await scene.publishUntilConfirmed(...messages);
    const foreigner = await under.foreigner();
    const { messageCount } = await foreigner.channel.purgeQueue(`${under.namespace}.orders.0`);
    await scene.publishUntilConfirmed(...messages);
    const consumer = await scene.consumer('orders');
    await consumer.received(5);
    expect([messageCount, consumer.bodies()]).toEqual([5, ['k-1', 'k-2', 'k-3', 'k-4', 'k-5']]);
    await foreigner.close();
  });

  it('refuses messages while an alarm blocks it, and takes them when it is over', async () => {
    const scene = await under.scene();
    await scene.group('orders');
    await scene.publishUntilConfirmed(scene.message('before'));
    const { publishing } = scene.broker as unknown as {
      publishing: { model: { emit(event: string, reason?: string): void } };
    };
    publishing.model.emit('blocked', 'low on disk');
    const state = () => (scene.broker as unknown as { state(): string }).state();
    expect(state()).toBe('blocked');
    expect(await scene.publish(scene.message('a')).settled(1)).toEqual(['broker_blocked']);
    publishing.model.emit('unblocked');
    expect(state()).toBe('connected');
    expect(await scene.publish(scene.message('a')).settled(1)).toEqual(['ok']);
  });

  it('publishes nothing on the connection that acks, which an alarm would block then', async () => {
    const scene = await under.scene();
    await scene.group('orders');
    const { consuming } = scene.broker as unknown as { consuming: Record<'channel', Opener> };
    const { spoken, opened } = overheard(consuming);
    const second = await scene.elsewhere();
    await second.group('orders');
    const [one, two] = [await scene.consumer('orders'), await second.consumer('orders')];
    await scene.until(() => one.partitions.size === 2 && two.partitions.size === 2);
    await scene.publishUntilConfirmed(...scene.series('k', 5));
    await scene.until(() => one.bodies().length + two.bodies().length >= 5);
    expect([opened() > 0, spoken]).toEqual([true, []]);
  });

  it('serves groups of different numbers of partitions on one channel', async () => {
    const scene = await under.scene();
    await scene.group('four', { kind: 'command', partitions: 4 });
    await scene.group('seven', { kind: 'command', partitions: 7, bindings: [{ pattern: 'a.#' }] });
    const four = await scene.consumer('four');
    const seven = await scene.consumer('seven');
    const send = { kind: 'command' } as const;
    const arrived = scene.series('k', 3, { ...send, routingKey: 'a.b' });
    const sent = scene.publish(...arrived, scene.message('other', { ...send, routingKey: 'b.c' }));
    expect(await sent.settled(4)).toEqual(['ok', 'ok', 'ok', 'ok']);
    await Promise.all([four.received(4), seven.received(3)]);
    expect([seven.bodies(), four.deliveries.length]).toEqual([['k-1', 'k-2', 'k-3'], 4]);
  });
});
