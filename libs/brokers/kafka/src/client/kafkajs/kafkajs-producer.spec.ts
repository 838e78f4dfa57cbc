import { expect, it } from '@jest/globals';
import type { Kafka, RecordMetadata } from 'kafkajs';
import type { NewRecord } from '../kafka-client.ts';
import { KafkajsProducer } from './kafkajs-producer.ts';

const knobs = { requestMs: 1_000, compressFrom: 4_096, idempotent: false };

it('a send that was given up and fails late leaves the connection that came after it alone', async () => {
  const failures: ((error: Error) => void)[] = [];
  let disconnected = 0;
  const make = () =>
    ({
      producer: () => ({
        connect: async () => undefined,
        sendBatch: () => new Promise((_, reject) => failures.push(reject)),
        disconnect: async () => {
          disconnected += 1;
        },
      }),
    }) as unknown as Kafka;
  const producer = new KafkajsProducer(make, knobs);
  const givenUp = producer.send([]);
  await new Promise((resolve) => setImmediate(resolve));
  await producer.close();
  const inUse = producer.send([]);
  await new Promise((resolve) => setImmediate(resolve));
  failures[0]?.(new Error('late'));
  await expect(givenUp).rejects.toThrow('late');
  expect([failures.length, disconnected]).toEqual([2, 1]);
  failures[1]?.(new Error('now'));
  await expect(inUse).rejects.toThrow('now');
  expect(disconnected).toBe(2);
});

const record = (partition: number): NewRecord => ({
  topic: 'shop.events',
  partition,
  key: 'k',
  value: 'v',
  headers: {},
  timestamp: 0,
});

/** A Kafka that responds to a send like this, and counts its disconnects. */
function answering(...answer: readonly [partition: number, errorCode: number][]) {
  const told: RecordMetadata[] = answer.map(([partition, errorCode]) => ({
    topicName: 'shop.events',
    partition,
    errorCode,
  }));
  const seen = { disconnected: 0 };
  const disconnect = async () => {
    seen.disconnected += 1;
  };
  const kafka = {
    producer: () => ({ connect: async () => undefined, sendBatch: async () => told, disconnect }),
  };
  return { seen, producer: new KafkajsProducer(() => kafka as unknown as Kafka, knobs) };
}

it('tells which partitions Kafka refused, and looks for their leaders again', async () => {
  const { producer, seen } = answering([0, 0], [1, 6], [2, 10]);
  const refusals = await producer.send([record(0), record(1), record(2)]);
  expect(refusals.map(({ partition, error }) => [partition, error.passes, error.message])).toEqual([
    [1, true, expect.stringMatching(/not the leader/)],
    [2, false, expect.stringMatching(/larger/)],
  ]);
  await new Promise((resolve) => setImmediate(resolve));
  expect(seen.disconnected).toBe(1);
});

it('takes a partition of which nothing was said for one that is not there', async () => {
  const { producer } = answering([0, 0]);
  const refusals = await producer.send([record(0), record(7), record(7)]);
  expect(refusals.map(({ partition, error }) => [partition, error.topicIsGone])).toEqual([
    [7, true],
  ]);
});
