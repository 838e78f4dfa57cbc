import { expect, it } from '@jest/globals';
import { serverAddress } from './testing/server-address.config.ts';
import { withBroker } from './testing/sns-sqs-under-test.ts';

it(
  'a message that is never done is given up after so many receives, comes once more as dead, and is gone',
  withBroker(
    serverAddress,
    async (scene) => {
      await scene.group('orders');
      const holder = await scene.holder('orders');
      scene.publish(...scene.series('poison', 2), scene.message('fine'));
      let seen = 0;
      await scene.until(() => {
        for (; seen < holder.deliveries.length; seen += 1) {
          const delivery = holder.deliveries[seen];
          if (delivery?.body === 'poison-1' && !delivery.gaveUp) delivery.giveBack();
          else delivery?.ack();
        }
        const bodies = holder.bodies();
        return bodies.includes('poison-2') && holder.deliveries.some(({ gaveUp }) => gaveUp);
      });
      const ofPoison = holder.deliveries.filter(({ body }) => body === 'poison-1');
      expect(ofPoison.map(({ gaveUp }) => gaveUp === undefined)).toEqual([true, true, true, false]);
      expect(ofPoison.at(-1)).toMatchObject({ channel: scene.channel, redelivered: true });
      expect(ofPoison.at(-1)?.gaveUp).toContain('orders.fifo handed it out 3 times');
      await holder.leave();
      const next = await scene.consumer('orders');
      await scene.publishUntilConfirmed(scene.message('last'));
      await next.received(1);
      await scene.under.quiet();
      expect(next.bodies()).toEqual(['last']);
    },
    { maxReceives: 3 },
  ),
  30_000,
);
