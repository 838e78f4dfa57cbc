import { expect, it } from '@jest/globals';
import type { KafkaAdmin } from './client/kafka-client.ts';
import { Topics } from './topics.ts';

function scene() {
  const there = new Map<string, number>();
  const created: string[] = [];
  let away = false;
  const admin = {
    topics: async () => {
      if (away) throw new Error('away');
      return new Map(there);
    },
    createTopic: async (topic: string, partitions: number) => void there.set(topic, partitions),
  } as unknown as KafkaAdmin;
  const topics = new Topics(admin, 4, (topic, partitions) =>
    created.push(`${topic} ${partitions}`),
  );
  const fail = (): void => {
    away = true;
  };
  return { there, created, topics, fail };
}

it('makes topics that were deleted again as they were, and leaves the others alone', async () => {
  const { there, created, topics } = scene();
  await topics.ensure(['orders', 'payments'], 7);
  there.delete('orders');
  await topics.restore(['orders', 'payments']);
  expect(created).toEqual(['orders 7', 'payments 7', 'orders 7']);
  expect(topics.known('orders')).toBe(7);
});

it('learns what somebody else has made of them', async () => {
  const { there, created, topics } = scene();
  await topics.ensure(['orders'], 7);
  there.set('orders', 3);
  await topics.restore(['orders']);
  expect([topics.known('orders'), created.length]).toEqual([3, 1]);
});

it('knows what it knew while Kafka does not answer', async () => {
  const { topics, fail } = scene();
  await topics.ensure(['orders'], 7);
  fail();
  await expect(topics.restore(['orders'])).rejects.toThrow('away');
  expect(topics.known('orders')).toBe(7);
});
