import { expect } from '@jest/globals';
import { testsOf } from './conformance-test.ts';

export const closingTests = [
  ...testsOf('confirmsCommit', {
    'what is committed while the broker closes is still confirmed': async (scene) => {
      await scene.group('orders');
      const holder = await scene.holder('orders', 1);
      const sent = scene.publish(scene.message('a'), scene.message('b'));
      const [delivery] = await holder.received(1);
      const closed = scene.broker.close();
      await scene.under.quiet();
      expect(sent.told).toEqual([]);
      delivery?.ack();
      await closed;
      expect(await sent.settled(2)).toEqual(['ok', 'broker_closed']);
      expect(holder.bodies()).toEqual(['a']);
    },
    'the senders of what waited are told that it is not safe': async (scene) => {
      await scene.group('orders');
      const sent = scene.publish(scene.message('a'));
      await scene.broker.close();
      expect(await sent.settled(1)).toEqual(['broker_closed']);
    },
  }),
  ...testsOf('closes', {
    'what is published after closing is settled with an error': async (scene) => {
      await scene.group('orders');
      await scene.broker.close();
      expect(await scene.publish(scene.message('a')).settled(1)).toEqual(['broker_closed']);
    },
    'a closed broker takes no group and no consumer': async (scene) => {
      await scene.group('orders');
      await scene.broker.close();
      await expect(scene.group('more')).rejects.toMatchObject({ code: 'broker_closed' });
      await expect(scene.consumer('orders')).rejects.toMatchObject({ code: 'broker_closed' });
    },
    'closing waits for deliveries in hand': async (scene) => {
      await scene.group('orders');
      const holder = await scene.holder('orders', 1);
      scene.publish(scene.message('a'), scene.message('b'));
      const [delivery] = await holder.received(1);
      let closed = false;
      const closing = scene.broker.close().then(() => {
        closed = true;
      });
      await scene.under.quiet();
      expect(closed).toBe(false);
      delivery?.ack();
      await closing;
      expect(holder.deliveries.length).toBe(1);
    },
    'closing twice is closing once': async (scene) => {
      await scene.group('orders');
      await Promise.all([scene.broker.close(), scene.broker.close()]);
      await scene.broker.close();
    },
    'a consumer that left gets nothing more': async (scene) => {
      await scene.group('orders');
      const first = await scene.consumer('orders');
      await first.leave();
      await first.leave();
      const second = await scene.consumer('orders');
      scene.publish(scene.message('a'));
      await second.received(1);
      expect(first.deliveries).toEqual([]);
    },
    'two brokers share nothing': async (scene) => {
      const { stranger } = scene.under;
      await scene.group('orders');
      await expect(
        stranger.subscribe('orders', { assigned: async () => {}, revoked() {}, deliver() {} }),
      ).rejects.toThrow('orders');
      const sent = scene.publish(scene.message('a'));
      await stranger.close();
      await scene.consumer('orders');
      expect(await sent.settled(1)).toEqual(['ok']);
    },
  }),
];
