import { describe, expect, it } from '@jest/globals';
import { type Contract, event, partitionOf } from '@waybill/message';
import { HandClock, Probe, Scene } from '@waybill/messaging/testing';
import { z } from 'zod';
import { type EmbeddedBrokerOptions, embeddedBroker } from './embedded-broker.ts';

const Placed = event('order.placed', {
  schema: z.strictObject({}),
  key: () => 'k',
  summary: 'for tests',
}) as Contract;

const quiet = async (): Promise<void> => {
  for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve));
};

function sceneOf(options: EmbeddedBrokerOptions = {}) {
  const clock = new HandClock();
  const broker = embeddedBroker({ clock, ...options });
  const scene = new Scene({
    broker,
    stranger: broker,
    size: 0,
    visibilityTimeout: 0,
    now: () => clock.now(),
    pass: async (ms) => {
      clock.advance(ms);
      await quiet();
    },
    quiet,
    end: () => broker.close(),
  });
  return { broker, scene, clock };
}
const keys = Array.from({ length: 300 }, (_, n) => `key${n}`);

describe('an embedded broker', () => {
  it('hands on what was made in this process as it is, and of the rest its bytes alone', async () => {
    const { scene } = sceneOf();
    await scene.group('orders');
    const consumer = await scene.consumer('orders');
    const [read, { envelope, ...rest }] = [scene.message('read'), scene.message('made')];
    const made = { envelope, contract: Placed };
    await scene.publish(read, { ...rest, ...made }).settled(2);
    expect(consumer.deliveries.map((delivery) => delivery.made?.envelope)).toEqual([
      undefined,
      envelope,
    ]);
    expect(consumer.deliveries[1]?.made).toMatchObject(made);
  });

  it('refuses a consumer that cannot prepare', async () => {
    const { scene } = sceneOf();
    await scene.group('orders');
    const unprepared = Promise.reject(new Error('no database'));
    const broken = new Probe(true, unprepared);
    await expect(scene.subscribe('orders', broken)).rejects.toThrow('no database');
  });

  it('counts exactly', async () => {
    const { broker, scene, clock } = sceneOf();
    await scene.group('orders');
    scene.publish(...scene.series('k', 5));
    clock.advance(3_000);
    const holder = await scene.holder('orders', 2);
    (await holder.received(2))[0]?.ack();
    await holder.received(3);
    const counts = { depth: 2, inFlight: 2, published: 5, delivered: 3, acked: 1 };
    expect(await broker.stats()).toEqual([
      {
        channels: [scene.channel],
        group: 'orders',
        oldestMs: 3_000,
        consumers: 1,
        ...counts,
        partitions: [0, 1, 2, 3].map((partition) => ({
          partition,
          depth: partition === partitionOf('k', 4) ? 2 : 0,
          offset: null,
          end: null,
        })),
      },
    ]);
  });

  it('removes what waits and confirms it, and leaves what a consumer has', async () => {
    const { broker, scene } = sceneOf();
    await scene.group('orders');
    const holder = await scene.holder('orders', 1);
    const sent = scene.publish(...scene.series('k', 3));
    await holder.received(1);
    expect(await broker.operations.purge('orders', scene.channel)).toBe(2);
    expect(await sent.settled(2)).toEqual(['ok', 'ok']);
    holder.deliveries[0]?.ack();
    scene.publish(scene.message('after'));
    await holder.received(2);
    expect(holder.bodies()).toEqual(['k-1', 'after']);
  });

  it('takes an ack that comes after its partition has gone, because it comes after a commit', async () => {
    const { scene } = sceneOf();
    await scene.group('orders');
    const first = await scene.holder('orders');
    const sent = scene.publish(scene.message('a'));
    const [delivery] = await first.received(1);
    await first.leave();
    delivery?.ack();
    expect(await sent.settled(1)).toEqual(['ok']);
    const second = await scene.consumer('orders');
    await quiet();
    expect(second.deliveries).toEqual([]);
  });

  it('refuses a group whose bodies are too large together, but takes any that is alone', async () => {
    const { scene } = sceneOf({ bytes: 10 });
    await scene.group('orders');
    scene.publish(scene.message('large', { body: 'x'.repeat(20) }));
    const sent = scene.publish(scene.message('more', { body: 'y' }));
    expect(await sent.settled(1)).toEqual(['broker_full']);
  });

  it('takes no small message of a key after a large one that it refused', async () => {
    const { scene } = sceneOf({ bytes: 10 });
    await scene.group('orders');
    const bodies = ['aaaaaa', 'bbbbbb', 'c'];
    scene.publish(...bodies.map((body, n) => scene.message(`m${n}`, { key: 'k', body })));
    const consumer = await scene.consumer('orders');
    await quiet();
    expect(consumer.bodies()).toEqual(bodies.slice(0, consumer.bodies().length));
  });

  it('gives other work a turn when a consumer gives everything back at once', async () => {
    const { scene } = sceneOf();
    await scene.group('orders');
    let refusals = 0;
    const end = await scene.broker.subscribe('orders', {
      assigned: async () => undefined,
      revoked: () => undefined,
      deliver: (delivery) => {
        refusals += 1;
        delivery.giveBack();
      },
    });
    scene.publish(scene.message('a'));
    await quiet();
    await end();
    const until = refusals;
    await quiet();
    expect([until > 1, refusals]).toEqual([true, until]);
  });

  it('gives a full consumer more when another one takes over what it held', async () => {
    const { scene } = sceneOf();
    await scene.group('orders', { partitions: 2 });
    const holder = await scene.holder('orders', 4);
    const moved = keys.filter((key) => partitionOf(key, 2) === 1).slice(0, 4);
    const kept = keys.filter((key) => partitionOf(key, 2) === 0).slice(0, 4);
    scene.publish(...[...moved, ...kept].map((key) => scene.message(key)));
    await holder.received(4);
    await scene.consumer('orders');
    await quiet();
    expect(holder.bodies().slice(4)).toEqual(kept);
  });

  it('tries again when a consumer was not prepared for partitions that it got later', async () => {
    const { scene } = sceneOf();
    await scene.group('orders', { partitions: 2 });
    const first = await scene.holder('orders');
    let attempts = 0;
    const bodies: string[] = [];
    const flaky = {
      assigned: async () => {
        attempts += 1;
        if (attempts === 2) throw new Error('no database');
      },
      revoked: () => undefined,
      deliver: (delivery: { body: string; ack(): void }) => {
        bodies.push(delivery.body);
        delivery.ack();
      },
    };
    await scene.broker.subscribe('orders', flaky);
    scene.publish(...keys.map((key) => scene.message(key)));
    await first.received(1);
    await first.leave();
    await quiet();
    expect(bodies.length).toBeLessThan(300);
    await scene.under.pass(1_000);
    expect([...bodies].sort()).toEqual([...keys].sort());
  });

  it('closes after a while although a consumer never settles', async () => {
    const { broker, scene, clock } = sceneOf({ drain: 2_000 });
    await scene.group('orders');
    const holder = await scene.holder('orders');
    const sent = scene.publish(scene.message('a'));
    await holder.received(1);
    const closed = broker.close();
    clock.advance(2_000);
    await closed;
    expect(await sent.settled(1)).toEqual(['broker_closed']);
  });
});

describe('faults of an embedded broker', () => {
  const run = async (seed: number) => {
    const { scene, clock } = sceneOf({ faults: { seed, duplicate: 0.2, reorder: 0.2 } });
    await scene.group('orders', { partitions: 3 });
    const consumer = await scene.consumer('orders', 10_000);
    const sent = scene.publish(...keys.flatMap((key) => scene.series(key, 3)));
    await quiet();
    clock.advance(20);
    await sent.settled(900);
    await quiet();
    return { bodies: consumer.bodies(), told: sent.told };
  };

  it('make messages come twice and overtake each other, and lose none', async () => {
    const { bodies, told } = await run(1);
    const first = [...new Set(bodies)];
    const inOrder = keys.filter((key) => {
      const own = first.filter((body) => body.startsWith(`${key}-`));
      return own.join() === `${key}-1,${key}-2,${key}-3`;
    });
    expect(first.length).toBe(900);
    expect(bodies.length).toBeGreaterThan(1_000);
    expect(inOrder.length).toBeLessThan(250);
    expect(told.every(({ error }) => error === undefined)).toBe(true);
  });

  it('are the same for the same seed', async () => {
    const [one, again, other] = [await run(7), await run(7), await run(8)];
    expect(one.bodies).toEqual(again.bodies);
    expect(one.bodies).not.toEqual(other.bodies);
  });

  it('lose confirms of messages that are committed', async () => {
    const { scene } = sceneOf({ faults: { seed: 1, loseConfirm: 0.5 } });
    await scene.group('orders');
    const consumer = await scene.consumer('orders');
    const sent = scene.publish(...keys.map((key) => scene.message(key)));
    const codes = await sent.settled(300);
    expect(consumer.deliveries.length).toBe(300);
    expect(new Set(codes)).toEqual(new Set(['ok', 'confirm_lost']));
  });
});
