import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { embeddedBroker } from '@waybill/embedded-broker';
import { command, encode, newId, wrapFirst } from '@waybill/message';
import { type Delivery, type Listener, type Outgoing, oneBroker } from '@waybill/messaging';
import { HandClock } from '@waybill/messaging/testing';
import { z } from 'zod';
import { type Fault, FaultPoints, noFault } from './fault-points.ts';
import { faultyBrokers } from './faulty-broker.ts';

const Count = command('shop.count', {
  key: ({ id }: { id: string }) => id,
  summary: 'for tests',
  schema: z.strictObject({ id: z.string(), n: z.int() }),
});
const group = {
  name: 'shop',
  kind: 'command' as const,
  partitions: 1,
  bindings: [{ channel: Count.channel, pattern: '#' }],
};

/** Acks what arrives, and keeps what it was. */
class Receiver implements Listener {
  readonly deliveries: Delivery[] = [];
  acks = true;
  assigned = async (): Promise<void> => {};
  revoked = (): void => {};
  deliver(delivery: Delivery): void {
    this.deliveries.push(delivery);
    if (this.acks) delivery.ack();
  }
  get seen(): readonly string[] {
    return this.deliveries.map(({ body }) => {
      const { key, data } = JSON.parse(body) as { key: string; data: { n: number } };
      return `${key}${data.n}`;
    });
  }
}

async function scene() {
  const clock = new HandClock();
  const points = new FaultPoints();
  const real = embeddedBroker({ clock });
  const brokers = faultyBrokers(oneBroker(real), points, { service: 'shop', clock });
  const broker = brokers.brokerFor('command');
  await broker.declare([group]);
  const receiver = new Receiver();
  const confirms: (string | undefined)[] = [];
  const end = await broker.subscribe('shop', receiver);
  const turn = () => new Promise((resolve) => setImmediate(resolve));
  const messageOf = (name: string): Outgoing => {
    const [id = '', n = 0] = [name.slice(0, 1), Number(name.slice(1))];
    const made = newId(clock.now());
    const cause = { id: made, correlationId: made, traceparent: null };
    const envelope = wrapFirst(Count({ id, n }), { cause, source: 'shop', now: clock.now() });
    return { channel: Count.channel, envelope, body: encode(envelope) };
  };
  return {
    receiver,
    confirms,
    end,
    send: async (...names: string[]) => {
      broker.publish(names.map(messageOf), (_, error) =>
        confirms.push((error as { code?: string } | undefined)?.code),
      );
      await turn();
    },
    set: async (what: string, fault: Partial<Fault>) => {
      points.find(`shop-${what}`)?.set({ ...noFault, ...fault });
      await turn();
    },
    pass: async (ms: number) => {
      clock.advance(ms);
      await turn();
    },
  };
}

let shop: Awaited<ReturnType<typeof scene>>;
beforeEach(async () => {
  shop = await scene();
});
afterEach(() => shop.end());

describe('duplicates', () => {
  it('arrive for a share of the messages, and say that they may have come before', async () => {
    await shop.set('duplicates', { share: 0.5 });
    await shop.send('a1', 'a2', 'a3', 'a4');
    expect(shop.receiver.seen).toEqual(['a1', 'a2', 'a2', 'a3', 'a4', 'a4']);
    const twice = shop.receiver.deliveries.filter((_, i) => [1, 2].includes(i));
    expect(twice.map(({ redelivered }) => redelivered)).toEqual([false, true]);
    expect(shop.confirms).toHaveLength(4);
  });

  it('keep their message at the broker until both are settled', async () => {
    await shop.set('duplicates', { share: 1, latencyMs: 500 });
    await shop.send('a1');
    expect([shop.receiver.seen, shop.confirms]).toEqual([['a1'], []]);
    await shop.pass(500);
    expect([shop.receiver.seen, shop.confirms]).toEqual([['a1', 'a1'], [undefined]]);
  });

  it('are delivered anew if one of the two was given back', async () => {
    shop.receiver.acks = false;
    await shop.set('duplicates', { share: 1 });
    await shop.send('a1');
    const [first, second] = shop.receiver.deliveries;
    await shop.set('duplicates', {});
    shop.receiver.acks = true;
    first?.giveBack();
    expect(shop.confirms).toEqual([]);
    second?.ack();
    await shop.pass(1_000);
    expect([shop.receiver.seen, shop.confirms]).toEqual([['a1', 'a1', 'a1'], [undefined]]);
  });
});

describe('reordering', () => {
  it('lets messages of other keys overtake, and keeps the order of each key', async () => {
    await shop.set('reordering', { share: 0.5, latencyMs: 300 });
    await shop.send('a1', 'b1', 'a2', 'b2', 'c1');
    expect(shop.receiver.seen).toEqual(['a1', 'a2']);
    await shop.pass(300);
    const seen = shop.receiver.seen;
    expect(seen.slice(0, 2)).toEqual(['a1', 'a2']);
    expect([...seen].sort()).toEqual(['a1', 'a2', 'b1', 'b2', 'c1']);
    expect(seen.indexOf('b1')).toBeLessThan(seen.indexOf('b2'));
  });

  it('ends at once when it is switched off', async () => {
    await shop.set('reordering', { share: 1, latencyMs: 60_000 });
    await shop.send('a1', 'a2', 'b1');
    expect(shop.receiver.seen).toEqual([]);
    await shop.set('reordering', {});
    expect(shop.receiver.seen).toEqual(['a1', 'a2', 'b1']);
  });

  it('delivers no message that it held when the subscription ended', async () => {
    await shop.set('reordering', { share: 1, latencyMs: 1_000 });
    await shop.send('a1');
    await shop.end();
    await shop.pass(1_000);
    await shop.set('reordering', {});
    expect(shop.receiver.seen).toEqual([]);
  });
});

describe('an outage', () => {
  const outage = 'embedded-outage';

  it('confirms no message, and delivers none, until it is over', async () => {
    await shop.set(outage, { latencyMs: 60_000 });
    await shop.send('a1');
    expect(shop.confirms).toEqual(['broker_away']);
    expect(shop.receiver.seen).toEqual([]);
    await shop.set(outage, {});
    await shop.send('a2');
    expect([shop.receiver.seen, shop.confirms]).toEqual([['a2'], ['broker_away', undefined]]);
  });

  it('gives messages back that are not settled, and they arrive again afterwards', async () => {
    shop.receiver.acks = false;
    await shop.send('a1');
    await shop.set(outage, { latencyMs: 60_000 });
    shop.receiver.acks = true;
    await shop.set(outage, {});
    await shop.pass(1_000);
    expect(shop.receiver.seen).toEqual(['a1', 'a1']);
  });

  it('loses the confirm of what was published before it', async () => {
    shop.receiver.acks = false;
    await shop.send('a1');
    await shop.set(outage, { latencyMs: 60_000 });
    shop.receiver.deliveries[0]?.ack();
    await shop.pass(0);
    expect(shop.confirms).toEqual(['broker_away']);
  });
});

it('without points, the brokers are as they are', () => {
  const brokers = oneBroker(embeddedBroker());
  expect(faultyBrokers(brokers, null, { service: 'shop', clock: new HandClock() })).toBe(brokers);
});
