import { expect, it } from '@jest/globals';
import type { Kafka } from 'kafkajs';
import { KafkajsProducer } from './kafkajs-producer.ts';

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
  const producer = new KafkajsProducer(make, 1_000);
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
