import process from 'node:process';
import { afterEach, beforeEach, expect, it, jest } from '@jest/globals';
import { RabbitMqUnderTest } from './testing/rabbitmq-under-test.ts';

jest.setTimeout(60_000);

let under: RabbitMqUnderTest;
beforeEach(() => {
  under = new RabbitMqUnderTest(process.env['RABBITMQ_URL'] ?? '');
});
afterEach(() => under.end());

it('closing ends within ten seconds when the server does not answer, and every message is told', async () => {
  const scene = await under.scene({ drain: 1_000 });
  await scene.group('orders');
  const holder = await scene.holder('orders');
  scene.broker.observe('#', () => undefined);
  await scene.publishUntilConfirmed(scene.message('held'));
  await holder.received(1);
  await under.quiet();
  const proxy = under.proxyOf(scene.broker);
  proxy.set({ silent: 'both' });
  const sent = scene.publish(...scene.series('k', 20));
  const began = performance.now();
  await scene.broker.close();
  expect(performance.now() - began).toBeLessThan(10_000);
  expect((await sent.settled(20)).includes('ok')).toBe(false);
  proxy.set({});
  proxy.cut();
});
