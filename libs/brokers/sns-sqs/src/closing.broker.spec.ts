import { expect, it } from '@jest/globals';
import { serverAddress } from './testing/server-address.config.ts';
import { withBroker } from './testing/sns-sqs-under-test.ts';

it(
  'closing ends within ten seconds when the server does not answer, and every message is told',
  withBroker(
    serverAddress,
    async (scene, under) => {
      await scene.group('orders');
      const holder = await scene.holder('orders');
      scene.broker.observe('#', () => undefined);
      await scene.publishUntilConfirmed(scene.message('held'));
      await holder.received(1);
      under.lineOf(scene.broker).set({ silent: 'both' });
      const sent = scene.publish(...scene.series('k', 20));
      await scene.under.quiet();
      const began = performance.now();
      await scene.broker.close();
      expect(performance.now() - began).toBeLessThan(10_000);
      expect((await sent.settled(20)).includes('ok')).toBe(false);
    },
    { drainMs: 1_000 },
  ),
  40_000,
);
