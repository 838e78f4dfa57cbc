import { describe, expect, it } from '@jest/globals';
import type { MessageProperties } from 'amqplib';
import fc from 'fast-check';
import { PartitionQueue, RabbitMqDelivery } from './partition-queue.ts';

/** Adds a message to the queue, as RabbitMQ delivers it. */
function put(queue: PartitionQueue, sequence: number, key: string, level: number): void {
  const openKey = queue.enter(key, level);
  queue.add(
    new RabbitMqDelivery(
      {
        channel: 'c',
        body: `${key}-${sequence}`,
        partition: 0,
        tag: sequence,
        sequence,
        openKey,
        level: openKey.level,
        publishedAt: sequence,
        expiresAt: Number.POSITIVE_INFINITY,
        gaveUp: null,
        properties: {} as MessageProperties,
        tried: undefined,
        settlement: {
          acked() {},
          givenBack: (delivery) => queue.giveBack(delivery.again()),
          async hold() {},
        },
      },
      false,
    ),
  );
}

const messages = fc.array(fc.record({ key: fc.constantFrom('a', 'b', 'c'), level: fc.nat(3) }));

describe('the queue of a partition', () => {
  it('never lets a key overtake itself, also when all is given back', () => {
    fc.assert(
      fc.property(messages, fc.nat(10), (script, givenBack) => {
        const queue = new PartitionQueue();
        for (const [at, { key, level }] of script.entries()) put(queue, at, key, level);
        const held: RabbitMqDelivery[] = [];
        for (let n = 0; n < givenBack; n += 1) {
          const delivery = queue.take();
          if (!delivery) break;
          delivery.handOver(0);
          held.push(delivery);
        }
        for (const delivery of held) delivery.giveBack();
        const came: RabbitMqDelivery[] = [];
        for (let next = queue.take(); next; next = queue.take()) came.push(next);
        expect(came.length).toBe(script.length);
        for (const key of ['a', 'b', 'c']) {
          const own = came.filter(({ body }) => body.startsWith(key)).map(({ tag }) => tag);
          expect(own).toEqual([...own].sort((one, other) => one - other));
        }
      }),
    );
  });

  it('gives the most urgent first, and knows the oldest', () => {
    const queue = new PartitionQueue();
    put(queue, 1, 'a', 3);
    put(queue, 2, 'b', 0);
    expect([queue.size, queue.oldest(), queue.first()?.body]).toEqual([2, 1, 'b-2']);
    expect([queue.take()?.body, queue.take()?.body, queue.take()]).toEqual([
      'b-2',
      'a-1',
      undefined,
    ]);
  });

  it('forgets what a lost delivery is told', () => {
    const queue = new PartitionQueue();
    put(queue, 1, 'a', 0);
    const delivery = queue.take();
    delivery?.handOver(0);
    delivery?.lose();
    delivery?.giveBack();
    expect(queue.size).toBe(0);
  });
});
