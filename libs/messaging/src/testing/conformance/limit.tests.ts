import { expect } from '@jest/globals';
import type { ChannelStats } from '../../broker.ts';
import { testsOf } from './conformance-test.ts';
import type { Scene } from './scene.ts';

const inMs = (scene: Scene, ms: number): string =>
  new Date(scene.under.now().getTime() + ms).toISOString();

const statsOf = async (scene: Scene): Promise<ChannelStats | undefined> =>
  (await scene.broker.stats()).find(({ group }) => group === 'orders');
const ageOf = async (scene: Scene): Promise<number> => (await statsOf(scene))?.oldestMs ?? 0;

/** Waits for values of the group `orders`; a broker may count with a delay. */
async function untilStats(scene: Scene, wanted: Partial<ChannelStats>): Promise<void> {
  const fields = Object.keys(wanted) as (keyof ChannelStats)[];
  await scene.until(async () => {
    const found = await statsOf(scene);
    return fields.every((field) => found?.[field] === wanted[field]);
  });
}

export const limitTests = [
  ...testsOf('expiry', {
    'a message that expired while it waited is handed over as expired': async (scene) => {
      await scene.group('orders');
      scene.publish(scene.message('old', { expiresAt: inMs(scene, 1_000), key: 'one' }));
      await scene.under.pass(1_001);
      scene.publish(scene.message('new', { expiresAt: inMs(scene, 60_000), key: 'one' }));
      const consumer = await scene.consumer('orders');
      const deliveries = await consumer.received(2);
      expect(deliveries.map(({ body, expired }) => [body, expired])).toEqual([
        ['old', true],
        ['new', undefined],
      ]);
    },
    'a message that expires after it was given back is handed over as expired': async (scene) => {
      await scene.group('orders');
      const first = await scene.holder('orders');
      // Enough time to be delivered before, even by a slow server.
      scene.publish(scene.message('a', { expiresAt: inMs(scene, 3_000) }));
      await first.received(1);
      await scene.under.pass(3_001);
      await first.leave();
      const second = await scene.consumer('orders');
      const [again] = await second.received(1);
      expect([first.deliveries[0]?.expired, again?.expired]).toEqual([undefined, true]);
    },
  }),
  ...testsOf('bounded', {
    'a full group refuses more, and takes more when it has room': async (scene) => {
      await scene.group('orders');
      const { size } = scene.under;
      const first = scene.publish(...scene.series('k', size));
      expect(await scene.publish(scene.message('too much')).settled(1)).toEqual(['broker_full']);
      expect(first.told).toEqual([]);
      await scene.consumer('orders');
      await first.settled(size);
      expect(await scene.publish(scene.message('again')).settled(1)).toEqual(['ok']);
    },
    'a message that one group has no room for goes to none': async (scene) => {
      await scene.group('full', { bindings: [{ pattern: 'order.#' }] });
      await scene.group('empty');
      const empty = await scene.consumer('empty');
      const { size } = scene.under;
      scene.publish(...scene.series('k', size));
      await empty.received(size);
      expect(await scene.publish(scene.message('x')).settled(1)).toEqual(['broker_full']);
      scene.publish(scene.message('fits', { routingKey: 'other.thing.v1' }));
      await empty.received(size + 1);
      expect(empty.bodies().at(-1)).toBe('fits');
    },
  }),
  ...testsOf('counted', {
    'a group tells how much waits, is in hand, came and went': async (scene) => {
      await scene.group('orders');
      scene.store(...['a', 'b', 'c', 'd', 'e'].map((name) => scene.message(name)));
      const holder = await scene.holder('orders', 2);
      (await holder.received(2))[0]?.ack();
      await holder.received(3);
      await untilStats(scene, { depth: 2, inFlight: 2, delivered: 3, acked: 1 });
      const [stats] = await scene.broker.stats();
      expect([stats?.channels, stats?.group]).toEqual([[scene.channel], 'orders']);
    },
    'the counts of a group name each of its channels once': async (scene) => {
      const channels = [scene.channel.replace('shop', 'other'), scene.channel];
      await scene.group('orders', { bindings: channels.map((channel) => ({ channel })) });
      const stats = (await scene.broker.stats()).filter(({ group }) => group === 'orders');
      expect(stats.flatMap((each) => each.channels).sort()).toEqual(channels);
    },
    'a group without a consumer tells how much waits': async (scene) => {
      await scene.group('orders');
      scene.store(...scene.series('k', 3));
      await untilStats(scene, { depth: 3, inFlight: 0, delivered: 0, acked: 0 });
    },
    'what is given back waits again, and counts as delivered each time': async (scene) => {
      await scene.group('orders');
      const holder = await scene.holder('orders');
      scene.store(scene.message('a'));
      (await holder.received(1))[0]?.giveBack();
      (await holder.received(2))[1]?.ack();
      await untilStats(scene, { depth: 0, inFlight: 0, delivered: 2, acked: 1 });
    },
  }),
  ...testsOf('aged', {
    'a group tells how old the oldest message is that is not done': async (scene) => {
      await scene.group('orders');
      scene.store(scene.message('a'));
      await scene.under.pass(1_000);
      const holder = await scene.holder('orders');
      const [delivery] = await holder.received(1);
      await scene.until(async () => (await ageOf(scene)) >= 1_000);
      expect(await ageOf(scene)).toBeLessThan(5_000);
      delivery?.ack();
      await scene.until(async () => (await ageOf(scene)) === 0);
    },
  }),
];
