import { afterAll, afterEach, describe, expect, it } from '@jest/globals';
import type { Outgoing } from '@waybill/messaging';
import { Kafka, logLevel } from 'kafkajs';
import { commitMetadata } from './client/topic-identity.ts';
import { type KafkaBroker, kafkaBroker } from './kafka-broker.ts';
import type { KafkaBrokerOptions } from './options.ts';
import { behindProxy, forgetNamespaces, freshNamespace } from './testing/kafka-under-test.ts';
import {
  channel,
  groupOf,
  messageOf,
  publishSafely,
  Recorder,
  until,
} from './testing/listening.ts';

const server = process.env['KAFKA_BROKERS'] ?? '';
afterAll(() => forgetNamespaces(server), 30_000);
const patience = 30_000;
const admin = new Kafka({ brokers: server.split(','), logLevel: logLevel.NOTHING }).admin();
afterAll(() => admin.disconnect());

/** Resources that a test has opened, closed whatever the result of the test. */
const opened: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const each of opened.splice(0)) await each.close();
}, patience);

function start(options: Partial<KafkaBrokerOptions>): KafkaBroker {
  const broker = kafkaBroker({ service: 'test', brokers: server, drainMs: 500, ...options });
  opened.push(broker);
  return broker;
}

async function startBehindProxy(options: Partial<KafkaBrokerOptions>) {
  const made = await behindProxy(server, { namespace: freshNamespace(), ...options });
  opened.push(made.broker, made.proxy);
  return made;
}

describe('reaching Kafka', () => {
  it(
    'fails the first declare with one line when nobody answers there',
    async () => {
      const broker = start({ brokers: '127.0.0.1:1' });
      await expect(broker.declare([groupOf('orders')])).rejects.toThrow(
        /^no Kafka answers at 127\.0\.0\.1:1: look at KAFKA_BROKERS .*ECONNREFUSED.*$/,
      );
    },
    patience,
  );

  it(
    'fails the first declare with one line when the server wants no password',
    async () => {
      const secret = { username: 'shop', password: 'a-secret-word' };
      const broker = start(secret);
      const error = await broker.declare([groupOf('orders')]).catch((found: Error) => found);
      expect(String(error)).toContain('KAFKA_PASSWORD');
      expect(String(error)).not.toContain('a-secret-word');
      expect(String(error)).not.toContain('\n');
    },
    patience,
  );

  it(
    'fails the first declare with one line when the server speaks no TLS',
    async () => {
      const broker = start({ tls: true, requestMs: 1_000 });
      await expect(broker.declare([groupOf('orders')])).rejects.toThrow(/KAFKA_TLS/);
    },
    patience,
  );

  it(
    'says that it is being made anew, and heals, when the server is away for a while',
    async () => {
      const troubles: string[] = [];
      const onTrouble = (what: string): void => void troubles.push(what);
      const { broker, proxy } = await startBehindProxy({ onTrouble });
      await broker.declare([groupOf('orders')]);
      const listener = new Recorder();
      await broker.subscribe('orders', listener);
      expect(broker.state()).toBe('connected');
      proxy.set({ refuse: true });
      proxy.cut();
      const published = publishSafely(broker, [messageOf('a', 'k')]);
      await until(() => troubles.includes('publish') && troubles.includes('consumer of orders'));
      expect(broker.state()).toBe('connecting');
      proxy.set({});
      await published;
      await until(() => listener.came.length > 0 && broker.state() === 'connected');
    },
    patience,
  );

  it(
    'stores once what an idempotent client sends again because the response was lost',
    async () => {
      const options = { namespace: freshNamespace(), idempotent: true, requestMs: 60_000 };
      const { broker, proxy } = await startBehindProxy(options);
      await broker.declare([groupOf('orders')]);
      await publishSafely(broker, [messageOf('before', 'k')]);
      await admin.connect();
      const stored = async () => {
        const offsets = await admin.fetchTopicOffsets(`${options.namespace}.${channel}`);
        return offsets.reduce((sum, { high }) => sum + Number(high), 0);
      };
      proxy.set({ silent: 'down' });
      const settled = new Promise<Error | undefined>((resolve) =>
        broker.publish([messageOf('again', 'k')], (_, error) => resolve(error)),
      );
      await until(async () => (await stored()) === 2);
      proxy.set({});
      proxy.cut();
      expect(await settled).toBeUndefined();
      await publishSafely(broker, [messageOf('after', 'k')]);
      expect(await stored()).toBe(3);
    },
    patience,
  );

  it(
    'goes on after a line that was silent for longer than a request may take',
    async () => {
      const { broker, proxy } = await startBehindProxy({ requestMs: 500 });
      await broker.declare([groupOf('orders')]);
      const listener = new Recorder();
      await broker.subscribe('orders', listener);
      proxy.set({ silent: 'both' });
      const refused = await new Promise<Error | undefined>((resolve) =>
        broker.publish([messageOf('lost', 'k')], (_, error) => resolve(error)),
      );
      expect(refused).toBeInstanceOf(Error);
      proxy.set({});
      await publishSafely(broker, [messageOf('a', 'k')]);
      await until(() => listener.came.length > 0);
    },
    patience,
  );
});

/** Deletes a topic. Kafka deletes it after it responds, and records confirmed until then are lost with it. */
async function deleteTopic(topic: string): Promise<void> {
  await admin.connect();
  await admin.deleteTopics({ topics: [topic] });
  await until(async () => !(await admin.listTopics()).includes(topic));
}

describe('a topic that was deleted', () => {
  it(
    'is made again as it was, and all of it is handed over from its first record',
    async () => {
      const namespace = freshNamespace();
      const broker = start({ namespace });
      await broker.declare([groupOf('orders', 3)]);
      const listener = new Recorder();
      await broker.subscribe('orders', listener);
      await publishSafely(broker, [messageOf('a', 'k'), messageOf('b', 'k')]);
      await until(() => listener.came.length === 2);
      const topic = `${namespace}.${channel}`;
      await deleteTopic(topic);
      // More records than were read of the old topic: no reader may continue at its old offset.
      const later = Array.from({ length: 6 }, (_, n) => messageOf(`c${n}`, 'k'));
      for (const message of later) await publishSafely(broker, [message]);
      await until(() => new Set(listener.bodies()).size === 8);
      const came = listener.bodies().slice(2);
      expect([...new Set(came)]).toEqual(later.map(({ body }) => body));
      const { topics } = await admin.fetchTopicMetadata({ topics: [topic] });
      expect(topics[0]?.partitions.length).toBe(3);
    },
    patience,
  );

  it(
    'is made again by a message that is published once',
    async () => {
      const namespace = freshNamespace();
      const broker = start({ namespace });
      await broker.declare([groupOf('orders')]);
      await publishSafely(broker, [messageOf('a', 'k')]);
      await deleteTopic(`${namespace}.${channel}`);
      const told = new Promise((resolve) =>
        broker.publish([messageOf('b', 'k')], (_, error) => resolve(error)),
      );
      expect(await told).toBeUndefined();
    },
    patience,
  );

  it(
    'is not where a place counts that was committed of it too late',
    async () => {
      const namespace = freshNamespace();
      const broker = start({ namespace });
      await broker.declare([groupOf('orders', 1)]);
      const messages = ['a', 'b', 'c'].map((name) => messageOf(name, 'k'));
      await publishSafely(broker, messages);
      const late = new Kafka({ brokers: server.split(','), logLevel: logLevel.NOTHING }).consumer({
        groupId: `${namespace}.orders`,
      });
      opened.push({ close: () => late.disconnect() });
      const topic = `${namespace}.${channel}`;
      await late.connect();
      await late.subscribe({ topic });
      const joined = new Promise((resolve) => late.on(late.events.GROUP_JOIN, resolve));
      await late.run({ autoCommit: false, eachMessage: async () => undefined });
      await joined;
      const metadata = commitMetadata('the former');
      await late.commitOffsets([{ topic, partition: 0, offset: '2', metadata }]);
      await late.disconnect();
      const listener = new Recorder();
      await broker.subscribe('orders', listener);
      await until(() => listener.came.length >= 3);
      expect(listener.bodies()).toEqual(messages.map(({ body }) => body));
    },
    patience,
  );

  it(
    'keeps no reader from the other channels that it subscribes to',
    async () => {
      const namespace = freshNamespace();
      const troubles = new Set<string>();
      const onTrouble = (what: string): void => void troubles.add(what);
      const broker = start({ namespace, onTrouble });
      const other = 'other.events';
      const bindings = [channel, other].map((each) => ({ channel: each, pattern: '#' }));
      await broker.declare([{ ...groupOf('orders'), bindings }]);
      const listener = new Recorder();
      await broker.subscribe('orders', listener);
      const seen: string[] = [];
      broker.observe('#', ({ id }) => seen.push(id));
      const publish = async (name: string) => {
        const message = { ...messageOf(name, 'k'), channel: other };
        await publishSafely(broker, [message]);
        return message;
      };
      await until(async () => {
        await publish('a');
        return seen.length > 0;
      });
      await deleteTopic(`${namespace}.${channel}`);
      await until(() => troubles.has('observers') && troubles.has('consumer of orders'));
      const { envelope, body } = await publish('b');
      await until(() => listener.bodies().includes(body) && seen.includes(envelope.id));
    },
    patience,
  );

  it(
    'is observed from its first record when it was made again',
    async () => {
      const namespace = freshNamespace();
      const broker = start({ namespace });
      const seen: string[] = [];
      broker.observe('#', ({ id }) => seen.push(id));
      const [first, ...others] = ['a', 'b', 'c'].map((name) => messageOf(name, 'k'));
      await publishSafely(broker, [first as Outgoing]);
      await until(() => seen.length === 1);
      await deleteTopic(`${namespace}.${channel}`);
      await publishSafely(broker, others);
      await until(() => seen.length === 3);
      expect(seen.slice(1)).toEqual(others.map(({ envelope }) => envelope.id));
    },
    patience,
  );
});
