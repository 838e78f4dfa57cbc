import { expect } from '@jest/globals';
import { testsOf } from './conformance-test.ts';
import type { Probe } from './probe.ts';

const names = Array.from({ length: 200 }, (_, n) => `message-${n}`);
const keys = Array.from({ length: 20 }, (_, n) => `key${n}`);

/** What several consumers received, each message once. */
const allOf = (...probes: readonly Probe[]): readonly string[] =>
  [...new Set(probes.flatMap((probe) => probe.bodies()))].sort();

export const severalTests = [
  ...testsOf('several', {
    'what one process publishes comes to the consumer of another': async (scene) => {
      await scene.group('orders');
      const other = await scene.elsewhere();
      await other.group('orders');
      const consumer = await other.consumer('orders');
      expect(await scene.publish(...scene.series('k', 3)).settled(3)).toEqual(['ok', 'ok', 'ok']);
      await consumer.received(3);
      expect(consumer.bodies()).toEqual(['k-1', 'k-2', 'k-3']);
    },
    'the number of partitions is the same in every process': async (scene) => {
      await scene.group('orders', { partitions: 4 });
      const other = await scene.elsewhere();
      await expect(other.group('orders', { partitions: 5 })).rejects.toThrow('partitions');
    },
    'a broker that closes leaves its partitions to the others at once': async (scene) => {
      await scene.group('orders');
      const other = await scene.elsewhere();
      await other.group('orders');
      const two = await other.consumer('orders');
      await scene.until(() => two.partitions.size === 4);
      const one = await scene.consumer('orders');
      await other.broker.close();
      await scene.until(() => one.partitions.size === 4);
      scene.publish(...names.map((name) => scene.message(name)));
      await one.received(200);
      expect(allOf(one)).toEqual([...names].sort());
    },
  }),
  ...testsOf('spread', {
    'consumers in two processes share the partitions, and each message comes to one': async (
      scene,
    ) => {
      await scene.group('orders', { partitions: 8 });
      const other = await scene.elsewhere();
      await other.group('orders', { partitions: 8 });
      const one = await scene.consumer('orders');
      const two = await other.consumer('orders');
      await scene.until(() => one.partitions.size === 4 && two.partitions.size === 4);
      await scene.under.quiet();
      scene.publish(...names.map((name) => scene.message(name)));
      await scene.until(() => allOf(one, two).length === 200);
      expect(one.deliveries.every(({ partition }) => one.partitions.has(partition))).toBe(true);
      expect(two.deliveries.every(({ partition }) => two.partitions.has(partition))).toBe(true);
      expect(one.deliveries.length + two.deliveries.length).toBe(200);
    },
    'keys keep their order while partitions move to a second process and back': async (scene) => {
      await scene.group('orders');
      const other = await scene.elsewhere();
      await other.group('orders');
      const one = await scene.consumer('orders');
      const log: string[] = [];
      const send = async (round: number) => {
        await scene.publishUntilConfirmed(
          ...keys.map((key) => scene.message(`${key}-${round}`, { key })),
        );
      };
      await send(1);
      const two = await other.consumer('orders');
      await send(2);
      await scene.until(() => two.partitions.size > 0);
      await send(3);
      await two.leave();
      await send(4);
      await scene.until(() => allOf(one, two).length === 80);
      for (const key of keys) {
        log.push(
          ...firsts(one, key).filter((body, at, all) => at > 0 && body < (all[at - 1] ?? '')),
        );
        log.push(
          ...firsts(two, key).filter((body, at, all) => at > 0 && body < (all[at - 1] ?? '')),
        );
      }
      expect(log).toEqual([]);
    },
  }),
  ...testsOf('replayed', {
    'a group that is declared later begins with the first message': async (scene) => {
      await scene.group('orders');
      await scene.consumer('orders');
      expect(await scene.publish(...scene.series('k', 3)).settled(3)).toEqual(['ok', 'ok', 'ok']);
      await scene.group('late');
      const late = await scene.consumer('late');
      await late.received(3);
      expect(late.bodies()).toEqual(['k-1', 'k-2', 'k-3']);
    },
  }),
];

/** The first delivery of each message of a key. */
const firsts = (probe: Probe, key: string): readonly string[] => [
  ...new Set(probe.bodies().filter((body) => body.startsWith(`${key}-`))),
];
