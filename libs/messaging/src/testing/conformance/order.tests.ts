import { expect } from '@jest/globals';
import { type Kind, type Priority, partitionOf } from '@waybill/message';
import { testsOf } from './conformance-test.ts';
import type { Probe } from './probe.ts';
import type { Scene } from './scene.ts';

const keys = Array.from({ length: 20 }, (_, n) => `key${n}`);
const ofKey = (probe: Probe, key: string): readonly string[] =>
  probe.bodies().filter((body) => body.startsWith(`${key}-`));

/** A consumer of messages of a kind that holds one, so that later ones wait. */
async function busyWith(kind: Kind, scene: Scene): Promise<Probe> {
  await scene.group('work', { kind, partitions: 1 });
  const holder = await scene.holder('work', 1);
  scene.publish(scene.message('first', { kind, priority: 'critical' }));
  await holder.received(1);
  return holder;
}

/** Once everything has arrived, acks one after the other; returns what arrived next. */
async function oneByOne(scene: Scene, holder: Probe, count: number): Promise<readonly string[]> {
  await scene.under.quiet();
  const before = holder.deliveries.length;
  for (let n = 0; n < count; n += 1) {
    holder.deliveries.at(-1)?.ack();
    await holder.received(before + n + 1);
  }
  return holder.bodies().slice(before);
}

/** Acks one after the other until a message comes; returns how many came before it. */
async function placeOf(name: string, scene: Scene, holder: Probe): Promise<number> {
  await scene.under.quiet();
  for (let place = 0; ; place += 1) {
    await scene.under.pass(10);
    holder.deliveries.at(-1)?.ack();
    await holder.received(place + 2);
    if (holder.bodies().at(-1) === name) return place;
  }
}

export const orderTests = [
  ...testsOf('ordered', {
    'messages of each key come in the order of publishing': async (scene) => {
      await scene.group('orders');
      const consumer = await scene.consumer('orders');
      for (let n = 1; n <= 20; n += 1) {
        scene.publish(...keys.map((key) => scene.message(`${key}-${n}`, { key })));
      }
      await consumer.received(400);
      const wanted = (key: string) => Array.from({ length: 20 }, (_, n) => `${key}-${n + 1}`);
      expect(keys.map((key) => ofKey(consumer, key))).toEqual(keys.map(wanted));
    },
    'the partition of a delivery is the one of its key': async (scene) => {
      await scene.group('orders', { partitions: 7 });
      const consumer = await scene.consumer('orders');
      scene.publish(...keys.map((key) => scene.message(key)));
      const deliveries = await consumer.received(20);
      expect(deliveries.map(({ partition }) => partition)).toEqual(
        deliveries.map(({ body }) => partitionOf(body, 7)),
      );
    },
    'what is given back comes before what is behind it, in its old order': async (scene) => {
      await scene.group('orders');
      const holder = await scene.holder('orders', 3);
      scene.publish(...scene.series('k', 5));
      const count = scene.inHand(3);
      const [one, ...others] = await holder.received(count);
      for (const other of others) other.giveBack();
      one?.giveBack();
      await holder.received(2 * count);
      expect(holder.bodies().slice(count)).toEqual(['k-1', 'k-2', 'k-3'].slice(0, count));
    },
    'order holds when a consumer leaves with a message in hand': async (scene) => {
      await scene.group('orders');
      const first = await scene.holder('orders', 2);
      scene.publish(...scene.series('k', 4));
      (await first.received(1))[0]?.ack();
      await first.received(2);
      await first.leave();
      const second = await scene.consumer('orders');
      await second.received(3);
      expect(second.bodies()).toEqual(['k-2', 'k-3', 'k-4']);
    },
    'order holds when partitions move to a second consumer': async (scene) => {
      await scene.group('orders', { partitions: 2 });
      const first = await scene.holder('orders', 400);
      scene.publish(...keys.flatMap((key) => scene.series(key, 3)));
      await first.received(20 * scene.inHand(3));
      const second = await scene.consumer('orders');
      await scene.under.quiet();
      for (const delivery of [...first.deliveries]) delivery.giveBack();
      await first.leave();
      await scene.until(() => new Set(second.bodies()).size === 60);
      await scene.under.quiet();
      const complete = (key: string) => [`${key}-1`, `${key}-2`, `${key}-3`];
      expect(keys.map((key) => ofKey(second, key))).toEqual(keys.map(complete));
    },
    'a key that waits does not hold up another': async (scene) => {
      await scene.group('orders', { partitions: 1 });
      const holder = await scene.holder('orders');
      scene.publish(scene.message('stuck'), scene.message('free'), scene.message('other'));
      await holder.received(3);
      expect(holder.bodies().toSorted()).toEqual(['free', 'other', 'stuck']);
    },
  }),
  ...testsOf('priority', {
    ...Object.fromEntries(
      (['task', 'command', 'reply'] as const).map((kind) => [
        `an urgent ${kind} overtakes what waits of other keys`,
        async (scene: Scene) => {
          const holder = await busyWith(kind, scene);
          for (const priority of ['low', 'normal', 'high', 'critical'] as const)
            scene.publish(scene.message(priority, { kind, priority }));
          expect(await oneByOne(scene, holder, 4)).toEqual(['critical', 'high', 'normal', 'low']);
        },
      ]),
    ),
    ...Object.fromEntries(
      (
        [
          ['critical', 'high'],
          ['high', 'normal'],
          ['normal', 'low'],
        ] as const
      ).map(([first, priority]) => [
        `a ${first} task overtakes more ${priority} ones than a consumer looks ahead`,
        async (scene: Scene) => {
          const holder = await busyWith('task', scene);
          const others = Array.from({ length: 200 }, (_, n) => `other ${n}`);
          const send = (name: string, of: Priority) =>
            scene.message(name, { kind: 'task', priority: of });
          scene.store(...others.map((name) => send(name, priority)), send('overtakes', first));
          expect(await placeOf('overtakes', scene, holder)).toBeLessThan(100);
        },
      ]),
    ),
    'within one priority the first to come goes first': async (scene) => {
      await scene.group('tasks', { kind: 'task', partitions: 3 });
      const send = { kind: 'task', priority: 'high' } as const;
      scene.publish(...keys.map((key) => scene.message(key, send)));
      const consumer = await scene.consumer('tasks');
      await consumer.received(20);
      for (const partition of [0, 1, 2]) {
        const ofPartition = (key: string) => partitionOf(key, 3) === partition;
        expect(consumer.bodies().filter(ofPartition)).toEqual(keys.filter(ofPartition));
      }
    },
    'an urgent message does not overtake one of its own key': async (scene) => {
      const holder = await busyWith('task', scene);
      const send = (name: string, priority: Priority, key: string) =>
        scene.publish(scene.message(name, { kind: 'task', key, priority }));
      send('k-1', 'low', 'k');
      send('k-2', 'critical', 'k');
      send('other', 'critical', 'other');
      expect(await oneByOne(scene, holder, 3)).toEqual(['other', 'k-1', 'k-2']);
    },
    'an urgent message does not overtake one of its own key that is given back': async (scene) => {
      await scene.group('tasks', { kind: 'task', partitions: 1 });
      const holder = await scene.holder('tasks', 1);
      const send = { kind: 'task', key: 'k' } as const;
      scene.publish(scene.message('k-1', { ...send, priority: 'low' }));
      const [first] = await holder.received(1);
      scene.publish(scene.message('k-2', { ...send, priority: 'critical' }));
      first?.giveBack();
      (await holder.received(2))[1]?.ack();
      await holder.received(3);
      expect(holder.bodies()).toEqual(['k-1', 'k-1', 'k-2']);
    },
  }),
];
