import { expect } from '@jest/globals';
import { testsOf } from './conformance-test.ts';
import type { Probe } from './probe.ts';
import type { Scene } from './scene.ts';

const keys = Array.from({ length: 20 }, (_, n) => `key${n}`);
const rounds = 20;
/** Twenty messages of each of twenty keys, round by round. */
const load = (scene: Scene) =>
  Array.from({ length: rounds }, (_, n) =>
    keys.map((key) => scene.message(`${key}-${n + 1}`, { key })),
  ).flat();
const wanted = (key: string) => Array.from({ length: rounds }, (_, n) => `${key}-${n + 1}`);
const distinct = (probe: Probe): number => new Set(probe.bodies()).size;

/** The first delivery of each message of a key: later ones are duplicates, which every broker may deliver. */
const firsts = (probe: Probe, key: string): readonly string[] => [
  ...new Set(probe.bodies().filter((body) => body.startsWith(`${key}-`))),
];

export const crashTests = [
  ...testsOf('survives', {
    'what a consumer had in hand when it crashed comes to the next, and says so': async (scene) => {
      await scene.group('orders');
      const doomed = await scene.elsewhere();
      await doomed.group('orders');
      const holder = await doomed.holder('orders');
      scene.publish(...['a', 'b', 'c', 'd', 'e'].map((name) => scene.message(name)));
      const [one, two, ...held] = await holder.received(5);
      one?.ack();
      two?.ack();
      await scene.under.quiet();
      await scene.crash(doomed);
      const next = await scene.consumer('orders');
      const again = () =>
        held.map(({ body }) => next.deliveries.find((delivery) => delivery.body === body));
      await scene.until(() => again().every((delivery) => delivery));
      expect(again().every((delivery) => delivery?.redelivered)).toBe(true);
    },
    'a consumer that waits takes over from one that crashed, and keys keep their order': async (
      scene,
    ) => {
      await scene.group('orders');
      const doomed = await scene.elsewhere();
      await doomed.group('orders');
      const first = await doomed.holder('orders', 50);
      await scene.until(() => first.partitions.size === 4);
      const second = await scene.consumer('orders');
      scene.publish(...load(scene));
      await first.received(10);
      await scene.crash(doomed);
      await scene.until(() => second.partitions.size === 4);
      await scene.until(() => distinct(second) === keys.length * rounds);
      expect(keys.map((key) => firsts(second, key))).toEqual(keys.map(wanted));
    },
    'what was confirmed before its publisher crashed is delivered': async (scene) => {
      await scene.group('orders');
      const doomed = await scene.elsewhere();
      await doomed.group('orders');
      expect(await doomed.publish(...scene.series('k', 3)).settled(3)).toEqual(['ok', 'ok', 'ok']);
      await scene.crash(doomed);
      const consumer = await scene.consumer('orders');
      await consumer.received(3);
      expect(consumer.bodies()).toEqual(['k-1', 'k-2', 'k-3']);
    },
  }),
  ...testsOf('heals', {
    'a publisher that is cut off in the middle loses nothing and keeps the order': async (
      scene,
    ) => {
      await scene.group('orders');
      const consumer = await scene.consumer('orders');
      const messages = load(scene);
      const published = scene.publishUntilConfirmed(...messages);
      await consumer.received(1);
      await scene.cutConnections();
      await published;
      await scene.until(() => distinct(consumer) === messages.length);
      expect(keys.map((key) => firsts(consumer, key))).toEqual(keys.map(wanted));
    },
    'a consumer that is cut off in the middle of a batch gets all of it again, in order': async (
      scene,
    ) => {
      await scene.group('orders');
      const holder = await scene.holder('orders', 50);
      await scene.publishUntilConfirmed(...load(scene));
      await holder.received(Math.min(50, keys.length * scene.inHand(rounds)));
      await scene.cutConnections();
      let settled = 0;
      await scene.until(() => {
        for (; settled < holder.deliveries.length; settled += 1) holder.deliveries[settled]?.ack();
        return distinct(holder) === keys.length * rounds && holder.partitions.size === 4;
      });
      expect(keys.map((key) => firsts(holder, key))).toEqual(keys.map(wanted));
    },
    'acks of deliveries from before the cut do no harm': async (scene) => {
      await scene.group('orders', { partitions: 1 });
      const holder = await scene.holder('orders');
      await scene.publishUntilConfirmed(...scene.series('k', 3));
      const old = [...(await holder.received(scene.inHand(3)))];
      await scene.cutConnections();
      for (const delivery of old) delivery.ack();
      await scene.publishUntilConfirmed(scene.message('k-4', { key: 'k' }));
      let settled = old.length;
      await scene.until(() => {
        for (; settled < holder.deliveries.length; settled += 1) holder.deliveries[settled]?.ack();
        return holder.bodies().includes('k-4');
      });
      await scene.under.quiet();
      for (const delivery of holder.deliveries) delivery.ack();
      await scene.under.quiet();
      await holder.leave();
      const next = await scene.consumer('orders');
      await scene.publishUntilConfirmed(scene.message('k-5', { key: 'k' }));
      await next.received(1);
      expect([firsts(holder, 'k'), firsts(next, 'k')]).toEqual([
        ['k-1', 'k-2', 'k-3', 'k-4'],
        ['k-5'],
      ]);
    },
    'declaring, publishing and subscribing work after a cut': async (scene) => {
      await scene.group('orders');
      await scene.cutConnections();
      await scene.group('late', { bindings: [{ pattern: 'order.#' }] });
      await scene.publishUntilConfirmed(scene.message('a'));
      const late = await scene.consumer('late');
      await late.received(1);
      expect(late.bodies()[0]).toBe('a');
    },
  }),
  ...testsOf('unknown', {
    'a message whose confirm was lost is told as an error, and is there all the same': async (
      scene,
    ) => {
      await scene.group('orders');
      const other = await scene.elsewhere();
      await other.group('orders');
      const consumer = await other.consumer('orders');
      await scene.publishUntilConfirmed(scene.message('before'));
      const heal = await scene.loseAnswers();
      const message = scene.message('a');
      const sent = scene.publish(message);
      await scene.until(() => consumer.bodies().includes('a'));
      expect(sent.told).toEqual([]);
      const [code] = await Promise.all([sent.settled(1), heal()]).then(([codes]) => codes);
      expect(code).not.toBe('ok');
      await scene.publishUntilConfirmed(message);
    },
  }),
];
