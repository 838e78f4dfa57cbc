import { expect } from '@jest/globals';
import { testsOf } from './conformance-test.ts';
import { Probe } from './probe.ts';

const names = Array.from({ length: 200 }, (_, n) => `message-${n}`);

export const consumerTests = [
  ...testsOf('shared', {
    'two consumers share the partitions, and each message comes to one of them': async (scene) => {
      await scene.group('orders', { partitions: 8 });
      const one = await scene.consumer('orders');
      const two = await scene.consumer('orders');
      await scene.until(() => one.partitions.size === 4 && two.partitions.size === 4);
      await scene.under.quiet();
      scene.publish(...names.map((name) => scene.message(name)));
      await scene.until(() => one.deliveries.length + two.deliveries.length >= 200);
      expect([one.partitions.size, two.partitions.size]).toEqual([4, 4]);
      expect([...one.bodies(), ...two.bodies()].sort()).toEqual([...names].sort());
      expect(one.deliveries.every(({ partition }) => one.partitions.has(partition))).toBe(true);
    },
  }),
  ...testsOf('takenOver', {
    'when one consumer leaves the other gets its partitions and its messages': async (scene) => {
      await scene.group('orders', { partitions: 8 });
      const one = await scene.holder('orders');
      const two = await scene.consumer('orders');
      await scene.until(
        () => one.partitions.size > 0 && one.partitions.size + two.partitions.size === 8,
      );
      scene.publish(...names.map((name) => scene.message(name)));
      await one.received(1);
      await one.leave();
      await scene.until(() => one.partitions.size === 0 && two.partitions.size === 8);
      await scene.until(() => new Set(two.bodies()).size === 200);
      expect([...new Set(two.bodies())].sort()).toEqual([...names].sort());
    },
    'nothing comes before the consumer is prepared for its partitions': async (scene) => {
      await scene.group('orders');
      scene.publish(scene.message('a'));
      let prepare = (): void => undefined;
      const probe = new Probe(
        true,
        new Promise<void>((resolve) => {
          prepare = resolve;
        }),
      );
      const subscribed = scene.subscribe('orders', probe);
      await scene.under.quiet();
      expect(probe.deliveries).toEqual([]);
      prepare();
      await subscribed;
      await probe.received(1);
      await scene.until(() => probe.partitions.size === 4);
    },
    'a consumer that cannot prepare gets nothing, and the next gets the messages': async (
      scene,
    ) => {
      await scene.group('orders');
      scene.publish(scene.message('a'));
      const unprepared = Promise.reject(new Error('no database'));
      unprepared.catch(() => undefined);
      const broken = new Probe(true, unprepared);
      await scene.subscribe('orders', broken).catch(() => undefined);
      await scene.under.quiet();
      await broken.leave();
      const next = await scene.consumer('orders');
      await next.received(1);
      expect(broken.deliveries).toEqual([]);
    },
    'a consumer too many waits for a partition, and gets one when another leaves': async (
      scene,
    ) => {
      await scene.group('orders', { partitions: 1 });
      const first = await scene.consumer('orders');
      await scene.until(() => first.partitions.size === 1);
      const spare = await scene.consumer('orders');
      await scene.under.quiet();
      // Nobody owns it for a moment if it is handed over because another has come.
      await scene.until(() => first.partitions.size + spare.partitions.size === 1);
      await first.leave();
      scene.publish(scene.message('a'));
      await spare.received(1);
      expect(spare.partitions.size).toBe(1);
    },
    'a group that is not declared cannot be subscribed': async (scene) => {
      await expect(scene.consumer('nobody')).rejects.toThrow('nobody');
    },
    'the number of partitions cannot change': async (scene) => {
      await scene.group('orders', { partitions: 4 });
      await expect(scene.group('orders', { partitions: 5 })).rejects.toThrow('partitions');
    },
  }),
  ...testsOf('visibility', {
    'a delivery that is held too long comes again, in its old place': async (scene) => {
      await scene.group('orders');
      const holder = await scene.holder('orders', 1);
      scene.publish(...scene.series('k', 2));
      await holder.received(1);
      await scene.under.pass(scene.under.visibilityTimeout);
      const [, again] = await holder.received(2);
      expect([again?.body, again?.redelivered]).toEqual(['k-1', true]);
    },
    'a delivery that is settled in time does not come again': async (scene) => {
      await scene.group('orders');
      const consumer = await scene.consumer('orders');
      scene.publish(scene.message('a'));
      await consumer.received(1);
      await scene.under.pass(2 * scene.under.visibilityTimeout);
      expect(consumer.bodies()).toEqual(['a']);
    },
    'giving back late changes nothing': async (scene) => {
      await scene.group('orders');
      const holder = await scene.holder('orders');
      const sent = scene.publish(scene.message('a'));
      const [late] = await holder.received(1);
      await scene.under.pass(scene.under.visibilityTimeout);
      const [, again] = await holder.received(2);
      late?.giveBack();
      again?.ack();
      expect(await sent.settled(1)).toEqual(['ok']);
      await scene.under.quiet();
      expect(holder.deliveries.length).toBe(2);
    },
  }),
  ...testsOf('backpressure', {
    'a consumer holds no more than its prefetch, and each ack makes room for one': async (
      scene,
    ) => {
      await scene.group('orders');
      const holder = await scene.holder('orders', 3);
      scene.publish(...names.map((name) => scene.message(name)));
      await holder.received(3);
      await scene.under.quiet();
      expect(holder.deliveries.length).toBe(3);
      holder.deliveries[1]?.ack();
      await holder.received(4);
      await scene.under.quiet();
      expect(holder.deliveries.length).toBe(4);
    },
    'a group whose consumer is full does not hold up another group': async (scene) => {
      await scene.group('slow');
      await scene.group('quick');
      await scene.holder('slow', 1);
      const quick = await scene.consumer('quick');
      scene.publish(...names.map((name) => scene.message(name)));
      await quick.received(200);
      expect(new Set(quick.bodies())).toEqual(new Set(names));
    },
  }),
];
