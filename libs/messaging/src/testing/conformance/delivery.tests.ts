import { expect } from '@jest/globals';
import { testsOf } from './conformance-test.ts';

const names = (count: number): readonly string[] =>
  Array.from({ length: count }, (_, n) => `message-${n}`);

export const deliveryTests = [
  ...testsOf('atLeastOnce', {
    'every group that subscribes to a message receives it': async (scene) => {
      await scene.group('email');
      await scene.group('analytics');
      const email = await scene.consumer('email');
      const analytics = await scene.consumer('analytics');
      scene.publish(scene.message('a'));
      await Promise.all([email.received(1), analytics.received(1)]);
      expect([email.bodies(), analytics.bodies()]).toEqual([['a'], ['a']]);
    },
    'a declared group without a consumer keeps its messages for the first that comes': async (
      scene,
    ) => {
      await scene.group('late');
      scene.publish(...scene.series('k', 3));
      await scene.under.quiet();
      const late = await scene.consumer('late');
      await late.received(3);
      expect(late.bodies()).toEqual(['k-1', 'k-2', 'k-3']);
    },
    'a group that is declared again keeps its messages': async (scene) => {
      await scene.group('orders');
      scene.publish(scene.message('a'));
      await scene.group('orders');
      const consumer = await scene.consumer('orders');
      await consumer.received(1);
      expect(consumer.bodies()).toEqual(['a']);
    },
    'a message that is given back comes again and says so': async (scene) => {
      await scene.group('orders');
      const holder = await scene.holder('orders');
      scene.publish(scene.message('a'));
      (await holder.received(1))[0]?.giveBack();
      const [first, again] = await holder.received(2);
      expect([first?.redelivered, again?.redelivered]).toEqual([false, true]);
      expect(again?.body).toBe('a');
    },
    'a message that is acked does not come again': async (scene) => {
      await scene.group('orders');
      const consumer = await scene.consumer('orders');
      scene.publish(scene.message('a'));
      await consumer.received(1);
      await consumer.leave();
      const next = await scene.consumer('orders');
      scene.publish(scene.message('b'));
      await next.received(1);
      expect(next.bodies()).toEqual(['b']);
    },
    'a consumer that leaves with messages in hand loses none': async (scene) => {
      await scene.group('orders');
      const holder = await scene.holder('orders');
      scene.publish(...names(5).map((name) => scene.message(name)));
      await holder.received(5);
      await holder.leave();
      const next = await scene.consumer('orders');
      await next.received(5);
      expect([...next.bodies()].sort()).toEqual([...holder.bodies()].sort());
    },
    'a thousand messages all come, although every third is given back once': async (scene) => {
      await scene.group('orders', { partitions: 8 });
      const probe = await scene.holder('orders', 2_000);
      const sent = scene.publish(...names(1_000).map((name) => scene.message(name)));
      const acked = new Set<string>();
      let seen = 0;
      await scene.until(() => {
        for (; seen < probe.deliveries.length; seen += 1) {
          const delivery = probe.deliveries[seen];
          if (seen < 1_000 && seen % 3 === 0) delivery?.giveBack();
          else delivery?.ack();
          if (seen >= 1_000 || seen % 3 !== 0) acked.add(delivery?.body ?? '');
        }
        return acked.size === 1_000;
      });
      expect(await sent.settled(1_000)).toEqual(names(1_000).map(() => 'ok'));
      expect(acked).toEqual(new Set(names(1_000)));
    },
    'a message that two bindings of a group match comes once': async (scene) => {
      await scene.group('orders', { bindings: [{ pattern: 'order.#' }, { pattern: '#' }] });
      const consumer = await scene.consumer('orders');
      scene.publish(scene.message('a'));
      scene.publish(scene.message('b'));
      await consumer.received(2);
      await scene.under.quiet();
      expect([...consumer.bodies()].sort()).toEqual(['a', 'b']);
    },
  }),
  ...testsOf('confirmed', {
    'each message of a batch is settled once, after publish has returned': async (scene) => {
      await scene.group('orders');
      await scene.consumer('orders');
      const sent = scene.publish(...names(50).map((name) => scene.message(name)));
      expect(sent.told).toEqual([]);
      await sent.settled(50);
      await scene.under.quiet();
      expect(new Set(sent.told.map(({ id }) => id)).size).toBe(50);
      expect(sent.told.length).toBe(50);
    },
    'a fact without a subscriber is confirmed': async (scene) => {
      const sent = scene.publish(scene.message('a', { kind: 'event' }));
      expect(sent.told).toEqual([]);
      expect(await sent.settled(1)).toEqual(['ok']);
    },
    'a message that is published twice is settled twice': async (scene) => {
      await scene.group('orders');
      const message = scene.message('a');
      const first = scene.publish(message);
      const second = scene.publish(message);
      await scene.consumer('orders');
      expect([await first.settled(1), await second.settled(1)]).toEqual([['ok'], ['ok']]);
    },
    'a message that is acked twice is settled once': async (scene) => {
      await scene.group('orders');
      const holder = await scene.holder('orders');
      const sent = scene.publish(scene.message('a'));
      const [delivery] = await holder.received(1);
      delivery?.ack();
      delivery?.ack();
      await sent.settled(1);
      await scene.under.quiet();
      expect(sent.told.length).toBe(1);
    },
  }),
  ...testsOf('confirmsCommit', {
    'a message is confirmed when its consumer has acked it, not before': async (scene) => {
      await scene.group('orders');
      const holder = await scene.holder('orders');
      const sent = scene.publish(scene.message('a'));
      const [delivery] = await holder.received(1);
      await scene.under.quiet();
      expect(sent.told).toEqual([]);
      delivery?.ack();
      expect(await sent.settled(1)).toEqual(['ok']);
    },
    'a declared group without a consumer holds the confirm': async (scene) => {
      await scene.group('orders');
      await scene.group('absent');
      const orders = await scene.consumer('orders');
      const sent = scene.publish(scene.message('a'));
      await orders.received(1);
      await scene.under.quiet();
      expect(sent.told).toEqual([]);
      await scene.consumer('absent');
      expect(await sent.settled(1)).toEqual(['ok']);
    },
    'a slow group holds the confirms of its own messages only': async (scene) => {
      await scene.group('orders');
      await scene.group('slow', { bindings: [{ pattern: 'order.cancelled.#' }] });
      await scene.consumer('orders');
      await scene.holder('slow');
      const sent = scene.publish(
        scene.message('slow', { routingKey: 'order.cancelled.v1' }),
        scene.message('quick'),
      );
      await sent.settled(1);
      await scene.under.quiet();
      expect(sent.told.length).toBe(1);
    },
    'giving back does not confirm': async (scene) => {
      await scene.group('orders');
      const holder = await scene.holder('orders');
      const sent = scene.publish(scene.message('a'));
      (await holder.received(1))[0]?.giveBack();
      await holder.received(2);
      await scene.under.quiet();
      expect(sent.told).toEqual([]);
    },
  }),
];
