import { afterAll, afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type KafkaBroker, kafkaBroker } from './kafka-broker.ts';
import { forgetNamespaces, freshNamespace } from './testing/kafka-under-test.ts';
import { groupOf, messageOf, publishSafely, Recorder, until } from './testing/listening.ts';

const server = process.env['KAFKA_BROKERS'] ?? '';
afterAll(() => forgetNamespaces(server), 30_000);
const patience = 30_000;
let broker: KafkaBroker;
const names = (listener: Recorder) =>
  listener.bodies().map((body) => (JSON.parse(body) as { data: { name: string } }).data.name);

beforeEach(async () => {
  broker = kafkaBroker({ service: 'test', brokers: server, namespace: freshNamespace() });
  await broker.declare([groupOf('orders')]);
}, patience);

afterEach(() => broker.close(), patience);

/** The messages that a new consumer receives, up to the message `last`. */
async function read(last: string): Promise<readonly string[]> {
  const listener = new Recorder();
  const leave = await broker.subscribe('orders', listener);
  await until(() => names(listener).includes(last));
  await leave();
  return names(listener);
}

describe('a group that is set back', () => {
  it(
    'gets everything again from the earliest message',
    async () => {
      await publishSafely(broker, [messageOf('a', 'k'), messageOf('b', 'k')]);
      expect(await read('b')).toEqual(['a', 'b']);
      await broker.operations.seek('orders', 'earliest');
      expect(await read('b')).toEqual(['a', 'b']);
    },
    patience,
  );

  it(
    'gets again what came since a time',
    async () => {
      await publishSafely(broker, [messageOf('a', 'k')]);
      const published = Date.now();
      await until(() => Date.now() > published);
      const since = new Date();
      await publishSafely(broker, [messageOf('b', 'k'), messageOf('c', 'other')]);
      await read('c');
      await broker.operations.seek('orders', since);
      expect([...(await read('c'))].sort()).toEqual(['b', 'c']);
    },
    patience,
  );

  it(
    'begins at an offset, or where the topic ends before it',
    async () => {
      await publishSafely(broker, [messageOf('a', 'k'), messageOf('b', 'k'), messageOf('c', 'k')]);
      await broker.operations.seek('orders', 1);
      expect(await read('c')).toEqual(['b', 'c']);
      await broker.operations.seek('orders', 1_000);
      await publishSafely(broker, [messageOf('d', 'k')]);
      expect(await read('d')).toEqual(['d']);
    },
    patience,
  );

  it(
    'may skip what waits',
    async () => {
      await publishSafely(broker, [messageOf('a', 'k')]);
      await broker.operations.seek('orders', 'latest');
      await publishSafely(broker, [messageOf('b', 'k')]);
      expect(await read('b')).toEqual(['b']);
    },
    patience,
  );

  it(
    'is refused while a consumer of it is alive',
    async () => {
      const leave = await broker.subscribe('orders', new Recorder());
      await expect(broker.operations.seek('orders', 'earliest')).rejects.toMatchObject({
        code: 'group_in_use',
      });
      await leave();
      await broker.operations.seek('orders', 'earliest');
    },
    patience,
  );
});

describe('how far a group is', () => {
  it(
    'is told also for consumers of other processes',
    async () => {
      const { length } = await broker.stats();
      expect(length).toBe(1);
      await publishSafely(broker, [messageOf('a', 'k'), messageOf('b', 'k'), messageOf('c', 'm')]);
      const of = async () => (await broker.stats())[0];
      expect(await of()).toMatchObject({ depth: 3, published: 3, delivered: 0 });
      const partitions = (await of())?.partitions ?? [];
      expect(partitions.map(({ offset, end }) => [offset, end])).toContainEqual([0, 2]);
      await until(async () => ((await of())?.oldestMs ?? 0) > 0);
      await read('c');
      await until(async () => (await of())?.depth === 0);
      expect(await of()).toMatchObject({ oldestMs: 0, acked: 3, consumers: 0 });
      const leave = await broker.subscribe('orders', new Recorder());
      expect(await of()).toMatchObject({ consumers: 1 });
      await leave();
    },
    patience,
  );
});

describe('a group that subscribes to one more channel', () => {
  it(
    'gets what is published there, and keeps what it had',
    async () => {
      const listener = new Recorder();
      await broker.subscribe('orders', listener);
      await publishSafely(broker, [messageOf('a', 'k')]);
      await until(() => listener.came.length === 1);
      const [binding] = groupOf('orders').bindings;
      const more = { channel: 'more.events', pattern: '#' };
      await broker.declare([
        { ...groupOf('orders'), bindings: [...(binding ? [binding] : []), more] },
      ]);
      await publishSafely(broker, [
        { ...messageOf('there', 'k'), channel: 'more.events' },
        messageOf('here', 'k'),
      ]);
      await until(() => names(listener).includes('here') && names(listener).includes('there'));
      expect([...new Set(names(listener))].sort()).toEqual(['a', 'here', 'there']);
    },
    patience,
  );
});
