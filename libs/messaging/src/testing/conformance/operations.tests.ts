import { expect } from '@jest/globals';
import type { BrokerOperations, SeekTarget, WaitingMessage } from '../../broker-operations.ts';
import { testsOf } from './conformance-test.ts';
import type { Scene } from './scene.ts';

function operationsOf({ broker }: Scene): BrokerOperations {
  if (broker.operations) return broker.operations;
  throw new TypeError(`${broker.name} has no operations`);
}

const browse = (scene: Scene, limit = 10): Promise<readonly WaitingMessage[]> =>
  operationsOf(scene).browse('orders', scene.channel, limit);

const untilWaiting = (scene: Scene, count: number): Promise<void> =>
  scene.until(async () => (await browse(scene)).length === count);

const untilDepth = (scene: Scene, wanted: number): Promise<void> =>
  scene.until(async () => {
    const stats = await scene.broker.stats();
    return stats.some(({ group, depth }) => group === 'orders' && depth === wanted);
  });

const bodiesOf = (messages: readonly { readonly body: string }[]): readonly string[] =>
  messages.map(({ body }) => body);

export const operationsTests = [
  ...testsOf('browsed', {
    'what waits is shown in order, again and again, and delivered afterwards': async (scene) => {
      await scene.group('orders');
      scene.store(...scene.series('k', 3));
      await untilWaiting(scene, 3);
      const shown = await browse(scene);
      expect(bodiesOf(shown)).toEqual(['k-1', 'k-2', 'k-3']);
      expect(new Set(shown.map(({ partition }) => partition)).size).toBe(1);
      expect(shown[0]).toMatchObject({ group: 'orders', channel: scene.channel, inFlight: false });
      expect(bodiesOf(await browse(scene, 2))).toEqual(['k-1', 'k-2']);
      const consumer = await scene.consumer('orders');
      await consumer.received(3);
      expect(consumer.bodies()).toEqual(['k-1', 'k-2', 'k-3']);
    },
    'what one group has committed still waits for another': async (scene) => {
      await scene.group('orders');
      await scene.group('others');
      scene.store(...scene.series('k', 2));
      const other = await scene.consumer('others');
      await other.received(2);
      await untilWaiting(scene, 2);
      expect(bodiesOf(await browse(scene))).toEqual(['k-1', 'k-2']);
    },
    'nothing is shown of a group for which nothing waits': async (scene) => {
      await scene.group('orders');
      expect(await browse(scene)).toEqual([]);
    },
  }),
  ...testsOf('purged', {
    'what waits is removed, and what is published later arrives': async (scene) => {
      await scene.group('orders');
      scene.store(...scene.series('k', 3));
      await untilDepth(scene, 3);
      expect(await operationsOf(scene).purge('orders', scene.channel)).toBe(3);
      await untilDepth(scene, 0);
      const consumer = await scene.consumer('orders');
      scene.store(scene.message('after', { key: 'k' }));
      await consumer.received(1);
      expect(consumer.bodies()).toEqual(['after']);
    },
  }),
  ...testsOf('moved', {
    'a group consumes again from the first message, or skips what waits': async (scene) => {
      await scene.group('orders');
      const first = await scene.consumer('orders');
      await scene.publishUntilConfirmed(...scene.series('k', 2));
      await first.received(2);
      await expect(operationsOf(scene).seek('orders', 'earliest')).rejects.toMatchObject({
        code: 'group_in_use',
      });
      await first.leave();
      await operationsOf(scene).seek('orders', 'earliest');
      const again = await scene.consumer('orders');
      await again.received(2);
      await again.leave();
      scene.store(scene.message('skipped', { key: 'k' }));
      await scene.until(async () => bodiesOf(await browse(scene)).includes('skipped'));
      await operationsOf(scene).seek('orders', 'latest');
      const last = await scene.consumer('orders');
      await scene.publishUntilConfirmed(scene.message('last', { key: 'k' }));
      await last.received(1);
      expect([again.bodies(), last.bodies()]).toEqual([['k-1', 'k-2'], ['last']]);
    },
    'a group begins at an offset of its partitions, or with the first message after a time': async (
      scene,
    ) => {
      await scene.group('orders', { partitions: 1 });
      const first = await scene.consumer('orders');
      await scene.publishUntilConfirmed(...scene.series('k', 2));
      await scene.under.pass(50);
      const between = scene.under.now();
      await scene.under.pass(50);
      await scene.publishUntilConfirmed(scene.message('k-3', { key: 'k' }));
      await first.received(3);
      await first.leave();
      const readFrom = async (to: SeekTarget, count: number) => {
        await operationsOf(scene).seek('orders', to);
        const reader = await scene.consumer('orders');
        await reader.received(count);
        await reader.leave();
        return reader.bodies();
      };
      expect(await readFrom(1, 2)).toEqual(['k-2', 'k-3']);
      expect(await readFrom(between, 1)).toEqual(['k-3']);
    },
    'a group is moved only in the channels that are named': async (scene) => {
      const bindings = [{}, { channel: 'other.events' }];
      await scene.group('orders', { partitions: 1, bindings });
      const other = scene.message('other', { channel: 'other.events' });
      const first = await scene.consumer('orders');
      await scene.publishUntilConfirmed(...scene.series('k', 2), other);
      await first.received(3);
      await first.leave();
      await operationsOf(scene).seek('orders', 'earliest', [scene.channel]);
      const again = await scene.consumer('orders');
      await again.received(2);
      await scene.publishUntilConfirmed(scene.message('last', { channel: 'other.events' }));
      await again.received(3);
      expect(again.bodies()).toEqual(['k-1', 'k-2', 'last']);
    },
  }),
];
