import { describe, expect, it } from '@jest/globals';
import type { Channel, Message } from 'amqplib';
import fc from 'fast-check';
import { Acks } from './acks.ts';

/** A channel that checks acks as RabbitMQ does: the tag must exist and not be acked yet. */
class Ledger {
  readonly open: Set<number>;
  frames = 0;

  constructor(count: number) {
    this.open = new Set(Array.from({ length: count }, (_, n) => n + 1));
  }

  ack(message: Message, allUpTo: boolean): void {
    const { deliveryTag } = message.fields;
    if (!this.open.has(deliveryTag)) throw new Error(`unknown delivery tag ${deliveryTag}`);
    this.frames += 1;
    for (const tag of [...this.open])
      if (tag === deliveryTag || (allUpTo && tag < deliveryTag)) this.open.delete(tag);
  }

  asChannel(): Channel {
    return this as unknown as Channel;
  }
}

describe('acks of a channel', () => {
  it('are one frame for a batch that is done in order', () => {
    const ledger = new Ledger(200);
    const acks = new Acks(ledger.asChannel());
    for (let tag = 1; tag <= 200; tag += 1) acks.add(tag);
    acks.flush();
    expect([ledger.frames, ledger.open.size]).toEqual([1, 0]);
  });

  it('never ack what is not settled, in whatever order and turns it is', () => {
    const turns = fc.integer({ min: 1, max: 40 }).chain((count) =>
      fc.record({
        count: fc.constant(count),
        order: fc.shuffledSubarray(Array.from({ length: count }, (_, n) => n + 1)),
        every: fc.integer({ min: 1, max: 5 }),
      }),
    );
    fc.assert(
      fc.property(turns, ({ count, order, every }) => {
        const ledger = new Ledger(count);
        const acks = new Acks(ledger.asChannel());
        for (const [at, tag] of order.entries()) {
          acks.add(tag);
          if (at % every === 0) acks.flush();
        }
        acks.flush();
        expect([...ledger.open].length).toBe(count - order.length);
        expect(order.some((tag) => ledger.open.has(tag))).toBe(false);
      }),
    );
  });

  it('say nothing on a channel that is gone', () => {
    const ledger = new Ledger(2);
    const acks = new Acks(ledger.asChannel());
    acks.add(1);
    acks.forget();
    acks.add(2);
    acks.flush();
    expect(ledger.frames).toBe(0);
  });
});
