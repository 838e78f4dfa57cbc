import { afterAll, describe, expect, it } from '@jest/globals';
import { Kafka, logLevel } from 'kafkajs';
import { kafkaBroker } from './kafka-broker.ts';
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

describe('reaching Kafka', () => {
  it(
    'fails the first declare with one line when nobody answers there',
    async () => {
      const broker = kafkaBroker({ service: 'test', brokers: '127.0.0.1:1' });
      const startedAt = Date.now();
      await expect(broker.declare([groupOf('orders')])).rejects.toThrow(
        /^no Kafka answers at 127\.0\.0\.1:1: look at KAFKA_BROKERS .*ECONNREFUSED.*$/,
      );
      expect(Date.now() - startedAt).toBeLessThan(5_000);
      await broker.close();
    },
    patience,
  );

  it(
    'fails the first declare with one line when the server wants no password',
    async () => {
      const secret = { username: 'shop', password: 'a-secret-word' };
      const broker = kafkaBroker({ service: 'test', brokers: server, ...secret });
      const error = await broker.declare([groupOf('orders')]).catch((found: Error) => found);
      expect(String(error)).toContain('KAFKA_PASSWORD');
      expect(String(error)).not.toContain('a-secret-word');
      expect(String(error)).not.toContain('\n');
      await broker.close();
    },
    patience,
  );

  it(
    'fails the first declare with one line when the server speaks no TLS',
    async () => {
      const broker = kafkaBroker({ service: 'test', brokers: server, tls: true, requestMs: 1_000 });
      await expect(broker.declare([groupOf('orders')])).rejects.toThrow(/KAFKA_TLS/);
      await broker.close();
    },
    patience,
  );

  it(
    'says that it is being made anew, and heals, when the server is away for a while',
    async () => {
      const troubles: string[] = [];
      const namespace = freshNamespace();
      const onTrouble = (what: string): void => void troubles.push(what);
      const { broker, proxy } = await behindProxy(server, { namespace, onTrouble });
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
      await broker.close();
      await proxy.close();
    },
    patience,
  );

  it(
    'goes on after a line that was silent for longer than a request may take',
    async () => {
      const namespace = freshNamespace();
      const { broker, proxy } = await behindProxy(server, { namespace, requestMs: 500 });
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
      await broker.close();
      await proxy.close();
    },
    patience,
  );

  it(
    'makes a topic again that was deleted, as it was, and goes on',
    async () => {
      const namespace = freshNamespace();
      const broker = kafkaBroker({ service: 'test', brokers: server, namespace });
      await broker.declare([groupOf('orders', 3)]);
      const listener = new Recorder();
      await broker.subscribe('orders', listener);
      await publishSafely(broker, [messageOf('a', 'k')]);
      await until(() => listener.came.length === 1);
      const admin = new Kafka({ brokers: server.split(','), logLevel: logLevel.NOTHING }).admin();
      await admin.connect();
      await admin.deleteTopics({ topics: [`${namespace}.${channel}`] });
      // Kafka deletes later than it says so: what it confirms until then goes with the topic.
      await until(async () => {
        await publishSafely(broker, [messageOf('b', 'k')]);
        return listener.bodies().some((body) => body.includes('"name":"b"'));
      });
      const { topics } = await admin.fetchTopicMetadata({ topics: [`${namespace}.${channel}`] });
      expect(topics[0]?.partitions.length).toBe(3);
      await admin.disconnect();
      await broker.close();
    },
    patience,
  );
});
