import { EventEmitter } from 'node:events';
import { expect, it } from '@jest/globals';
import { HandClock } from '@waybill/messaging/testing';
import { PartitionConsumer, type PartitionHost } from './partition-consumer.ts';

it('a consumer that RabbitMQ neither accepts nor refuses is given up, and tried again on another channel', async () => {
  const clock = new HandClock();
  const broken: (string | undefined)[] = [];
  const consumed: string[] = [];
  let isLeaderless = true;
  const channel = async () =>
    Object.assign(new EventEmitter(), {
      prefetch: async () => undefined,
      consume(queue: string): Promise<void> {
        consumed.push(queue);
        return isLeaderless ? new Promise(() => undefined) : Promise.resolve();
      },
      // A server that does not answer does not close a channel either.
      close: () => new Promise<void>(() => undefined),
    });
  const host = {
    link: { channel },
    clock,
    lookAhead: 10,
    consumerTag: 'test',
    broken: (_: unknown, error: Error) => broken.push(error.message),
  } as unknown as PartitionHost;
  const source = { partition: 2, queue: 'orders.2', otherQueues: [], channel: 'orders' };
  const consumer = new PartitionConsumer(source, host);
  const joined = consumer.join();
  while (consumed.length === 0) await Promise.resolve();
  clock.advance(9_999);
  expect([consumer.state, broken]).toEqual(['standby', []]);
  clock.advance(1);
  await joined;
  expect([consumer.state, broken]).toEqual([
    'closed',
    ['RabbitMQ did not answer for 10 s; queue orders.2 may have no leader'],
  ]);
  isLeaderless = false;
  await consumer.join();
  clock.advance(10_000);
  expect([consumer.state, consumed, broken.length]).toEqual([
    'standby',
    ['orders.2', 'orders.2'],
    1,
  ]);
});
