import process from 'node:process';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Double, type Scene } from '@waybill/messaging/testing';
import type { Options } from 'amqplib';
import { type Foreigner, RabbitMqUnderTest } from './testing/rabbitmq-under-test.ts';

jest.setTimeout(30_000);

interface Foreign {
  readonly body: Buffer;
  readonly options?: Options.Publish;
}

const forged: Readonly<Record<string, Foreign>> = {
  'bad JSON': { body: Buffer.from('{"half":') },
  'nothing at all': { body: Buffer.alloc(0) },
  'bytes that are no UTF-8': { body: Buffer.from([0xff, 0xfe, 0x00, 0xc3]) },
  'ten megabytes': { body: Buffer.alloc(10 * 1024 * 1024, 'x') },
  'a wrong content type': {
    body: Buffer.from('<order/>'),
    options: {
      contentType: 'image/png',
      contentEncoding: 'gzip',
      type: 'no.such',
      expiration: 60_000,
    },
  },
  'oversized headers': {
    body: Buffer.from('{}'),
    options: { headers: { long: 'x'.repeat(60_000) } },
  },
  'headers of wrong types': {
    body: Buffer.from('[]'),
    options: {
      headers: {
        key: 7,
        channel: { deep: [true] },
        priority: 'nonsense',
        'expires-at': 'yesterday',
        'published-at': 'never',
        'x-delivery-count': 'many',
      },
    },
  },
};

describe('what a foreign client sends', () => {
  let under: RabbitMqUnderTest;
  let scene: Scene;
  let foreigner: Foreigner;

  beforeEach(async () => {
    under = new RabbitMqUnderTest(process.env['RABBITMQ_URL'] ?? '');
    scene = await under.scene();
    foreigner = await under.foreigner();
    await scene.group('orders', { partitions: 1 });
  });
  afterEach(async () => {
    await foreigner.close();
    await under.end();
  });

  const queue = () => `${under.namespace}.orders.0`;
  const put = async ({ body, options = {} }: Foreign): Promise<void> => {
    foreigner.channel.sendToQueue(queue(), body, options);
    await foreigner.channel.waitForConfirms();
  };

  it.each(Object.entries(forged))(
    '%s, straight into the queue, comes as text and does not hold up what follows',
    async (_, foreign) => {
      const consumer = await scene.consumer('orders');
      await scene.until(() => consumer.partitions.size === 1);
      await put(foreign);
      await scene.publishUntilConfirmed(scene.message('next'));
      await consumer.received(2);
      expect(consumer.bodies()[0] === foreign.body.toString('utf8')).toBe(true);
      const [first] = consumer.deliveries;
      expect(first).toMatchObject({ partition: 0, channel: scene.channel });
      const original = Buffer.from(first?.bytes ?? first?.body ?? '');
      expect(original.equals(foreign.body)).toBe(true);
      expect(consumer.bodies()[1]).toBe('next');
    },
  );

  it('through the exchange with a routing key of its own it is not lost either', async () => {
    const consumer = await scene.consumer('orders');
    const exchange = `${under.namespace}.${scene.channel}.by-1`;
    foreigner.channel.publish(exchange, 'what.ever.0', Buffer.from('hello'));
    await consumer.received(1);
    expect(consumer.bodies()).toEqual(['hello']);
  });

  it('cannot disturb how consumers share partitions', async () => {
    const consumer = await scene.consumer('orders');
    await scene.until(() => consumer.partitions.size === 1);
    for (const text of ['', '{', '[]', 'null', '{"member":7}', '{"member":"x","owns":"all"}'])
      foreigner.channel.publish(`${under.namespace}.waybill.members`, 'orders', Buffer.from(text));
    await scene.publishUntilConfirmed(scene.message('next'));
    await consumer.received(1);
    expect(consumer.partitions.size).toBe(1);
  });

  it('a live update reaches every queue at its channel, whatever that is bound by', async () => {
    const live = { kind: 'live', channel: 'shop.live' } as const;
    await scene.publishUntilConfirmed(scene.message('first', live));
    const { queue: seen } = await foreigner.channel.assertQueue('', { exclusive: true });
    await foreigner.channel.bindQueue(seen, `${under.namespace}.shop.live.fanout`, 'no.such.key');
    await scene.publishUntilConfirmed(scene.message('second', live));
    await scene.until(async () => (await foreigner.channel.checkQueue(seen)).messageCount === 1);
    const group = { bindings: [{ channel: 'shop.live' }] };
    await expect(scene.group('watchers', group)).rejects.toThrow('observe them');
  });

  it('a live update that nobody took in time is dropped', async () => {
    const live = { kind: 'live', channel: 'shop.live' } as const;
    await scene.publishUntilConfirmed(scene.message('first', live));
    const { queue: seen } = await foreigner.channel.assertQueue('', { exclusive: true });
    await foreigner.channel.bindQueue(seen, `${under.namespace}.shop.live.fanout`, '');
    const inMs = (ms: number) => ({ expiresAt: new Date(Date.now() + ms).toISOString() });
    await scene.publishUntilConfirmed(scene.message('short', { ...live, ...inMs(100) }));
    await scene.publishUntilConfirmed(scene.message('long', { ...live, ...inMs(600_000) }));
    const waiting = async () => (await foreigner.channel.checkQueue(seen)).messageCount;
    await scene.until(async () => (await waiting()) === 1);
    const left = await foreigner.channel.get(seen, { noAck: true });
    expect(left).toMatchObject({ content: Buffer.from('long') });
  });

  it('nothing waits for an observer that is gone: its queue went with its connection', async () => {
    const watching = await under.open();
    await new Promise<void>((resolve) => {
      watching.observe('order.#', () => undefined, { onGap: resolve });
    });
    let returned = false;
    foreigner.channel.on('return', () => {
      returned = true;
    });
    const isWatched = async (): Promise<boolean> => {
      returned = false;
      const exchange = `${under.namespace}.waybill.observed`;
      foreigner.channel.publish(exchange, 'order.x.0', Buffer.from('{}'), { mandatory: true });
      await foreigner.channel.waitForConfirms();
      return !returned;
    };
    expect(await isWatched()).toBe(true);
    under.proxyOf(watching).set({ refuse: true });
    under.proxyOf(watching).cut();
    await scene.until(async () => !(await isWatched()));
  });

  it('the queue of a request expires without responders, and that of one of them alike', async () => {
    for (const name of [undefined, 'heron'])
      await scene.requests.respond(Double, async () => 1, name);
    const declaredWith = async (queue: string, expires: number): Promise<boolean> => {
      const other = await under.foreigner();
      other.channel.on('error', () => undefined);
      const options = { durable: true, expires, arguments: { 'x-queue-type': 'classic' } };
      const same = await other.channel.assertQueue(queue, options).then(
        () => true,
        () => false,
      );
      await other.close();
      return same;
    };
    for (const queue of [Double.type, `${Double.type}/heron`]) {
      const name = `${under.namespace}.waybill.requests.${queue}`;
      expect([await declaredWith(name, 300_000), await declaredWith(name, 1)]).toEqual([
        true,
        false,
      ]);
    }
  });

  it('nobody gets a request after its deadline: it has left its queue', async () => {
    const leave = await scene.requests.respond(Double, async () => 1);
    await leave();
    const queue = `${under.namespace}.waybill.requests.${Double.type}`;
    const { envelope } = scene.message('ask', { kind: 'request', type: Double.type });
    const answer = scene.requests.request({ ...envelope, data: { n: 1 } }, 1_000);
    await expect(answer).rejects.toThrow('nobody answered');
    await scene.until(async () => (await foreigner.channel.checkQueue(queue)).messageCount === 0);
  });

  it('may read what a message is from its properties', async () => {
    const seen = await foreigner.channel.assertQueue('', { exclusive: true });
    await foreigner.channel.bindQueue(seen.queue, `${under.namespace}.${scene.channel}`, '#');
    const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
    const message = scene.message('a', { traceparent, attributes: { region: 'europe' } });
    await scene.publishUntilConfirmed(message);
    await scene.until(
      async () => (await foreigner.channel.checkQueue(seen.queue)).messageCount === 1,
    );
    const found = await foreigner.channel.get(seen.queue, { noAck: true });
    expect(found).toMatchObject({
      fields: { routingKey: expect.stringMatching(/^order\.placed\.v1\.\d$/) },
      properties: {
        messageId: message.envelope.id,
        type: 'order.placed',
        contentType: 'application/json',
        deliveryMode: 2,
        headers: { traceparent, 'attribute.region': 'europe', key: 'a', channel: scene.channel },
      },
    });
  });
});
