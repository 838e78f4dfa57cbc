import { expect, it } from '@jest/globals';
import { until } from '@waybill/messaging/testing';
import type { Kafka } from 'kafkajs';
import { withSetting } from '../../connection-error.ts';
import { KafkajsAdmin } from './kafkajs-admin.ts';

interface Asked {
  readonly connection: number;
  answer(): void;
  refuse(error: Error): void;
}

/** A Kafka that responds as the test defines; requests on a disconnected connection fail. */
function kafka() {
  const asked: Asked[] = [];
  let connections = 0;
  const make = () => {
    connections += 1;
    const connection = connections;
    return {
      admin: () => ({
        connect: async () => undefined,
        fetchTopicOffsets: () =>
          new Promise((resolve, reject) => {
            const answer = () => resolve([{ partition: 0, high: '7', low: '0' }]);
            asked.push({ connection, answer, refuse: reject });
          }),
        disconnect: async () => {
          for (const each of asked) {
            if (each.connection === connection) each.refuse(closed());
          }
        },
      }),
    } as unknown as Kafka;
  };
  return { asked, admin: new KafkajsAdmin(make, 1) };
}

const named = (name: string, more: object = {}): Error =>
  Object.assign(new Error(name), { name, ...more });
const closed = (): Error => named('KafkaJSConnectionClosedError');
const notLeader = (): Error =>
  named('KafkaJSProtocolError', { type: 'NOT_LEADER_FOR_PARTITION', retriable: true });

it('asks again what a partition without a leader refused, also twice in a row', async () => {
  const { asked, admin } = kafka();
  const ends = admin.ends('orders');
  for (const time of [1, 2]) {
    await until(() => asked.length === time);
    asked[time - 1]?.refuse(notLeader());
  }
  await until(() => asked.length === 3);
  asked[2]?.answer();
  expect(await ends).toEqual([7]);
});

it('answers a call whose connection was given up because another call on it failed', async () => {
  const { asked, admin } = kafka();
  const both = Promise.all([admin.ends('orders'), admin.ends('payments')]);
  await until(() => asked.length === 2);
  asked[0]?.refuse(notLeader());
  await until(() => asked.length === 4);
  for (const each of asked.slice(2)) each.answer();
  expect(await both).toEqual([[7], [7]]);
  expect(asked.map(({ connection }) => connection)).toEqual([1, 1, 2, 2]);
});

it('connects no more when it is closed, although something is under way', async () => {
  const { asked, admin } = kafka();
  const ends = admin.ends('orders');
  await until(() => asked.length === 1);
  const rejected = expect(ends).rejects.toThrow('was closed');
  await admin.close();
  await rejected;
  await expect(admin.ends('orders')).rejects.toThrow('was closed');
  expect(asked).toHaveLength(1);
});

it('passes on what Kafka will say again', async () => {
  const { asked, admin } = kafka();
  const ends = admin.ends('orders');
  await until(() => asked.length === 1);
  asked[0]?.refuse(
    named('KafkaJSProtocolError', { type: 'TOPIC_AUTHORIZATION_FAILED', retriable: false }),
  );
  await expect(ends).rejects.toMatchObject({ type: 'TOPIC_AUTHORIZATION_FAILED' });
});

it('has made a topic when the broker that is asked for it knows it too', async () => {
  const steps: string[] = [];
  const unknown = named('KafkaJSProtocolError', {
    type: 'UNKNOWN_TOPIC_OR_PARTITION',
    retriable: true,
  });
  const make = () =>
    ({
      admin: () => ({
        connect: async () => undefined,
        createTopics: async () => steps.push('made'),
        fetchTopicMetadata: async () => {
          steps.push('looked');
          if (steps.length < 4) throw unknown;
          return { topics: [] };
        },
        disconnect: async () => undefined,
      }),
    }) as unknown as Kafka;
  await new KafkajsAdmin(make, 1).createTopic('orders', 4, {});
  expect(steps).toEqual(['made', 'looked', 'looked', 'looked']);
});

/** A Kafka that is asked for its topics, whose first `silent` requests no broker answers. */
function tellingTopics(silent: number) {
  let asked = 0;
  const make = () =>
    ({
      admin: () => ({
        connect: async () => undefined,
        fetchTopicMetadata: async () => {
          asked += 1;
          // As kafkajs reads the answer of no broker.
          const metadata = asked > silent ? { topicMetadata: [] } : null;
          return { topics: (metadata as { topicMetadata: [] }).topicMetadata };
        },
        disconnect: async () => undefined,
      }),
    }) as unknown as Kafka;
  return new KafkajsAdmin(make, 1);
}

it('asks again for topics when no broker answered', async () => {
  expect(await tellingTopics(2).topics()).toEqual(new Map());
});

it('says that Kafka does not answer when no broker does so for long', async () => {
  const options = { service: 'order', brokers: 'kafka:9092' };
  const error = await tellingTopics(Number.POSITIVE_INFINITY)
    .topics()
    .catch((cause) => withSetting(cause, options));
  expect(error).toMatchObject({ code: 'kafka_unreachable' });
}, 20_000);
