import { expect } from '@jest/globals';
import { type Envelope, encode } from '@waybill/message';
import type { Outgoing } from '../../broker.ts';
import { testsOf } from './conformance-test.ts';
import type { Scene } from './scene.ts';

/** Observes a pattern; the result collects the keys of observed messages. */
function watch(scene: Scene, pattern: string): string[] {
  const seen: string[] = [];
  scene.broker.observe(pattern, (envelope) => seen.push(envelope.key));
  return seen;
}

/** The message with other data, and with the bytes that it has outside of tests. */
function holding(message: Outgoing, data: unknown): Outgoing {
  const envelope = { ...message.envelope, data };
  return { ...message, envelope, body: encode(envelope) };
}

/** Publishes messages with the bytes that they have outside of tests, because an observer reads them. */
const publish = (scene: Scene, ...messages: readonly Outgoing[]) =>
  scene.publish(...messages.map((message) => holding(message, message.envelope.data)));

export const observerTests = [
  ...testsOf('observed', {
    'an observer sees what its pattern matches, also live updates without a group': async (
      scene,
    ) => {
      const seen = watch(scene, 'order.#');
      await scene.under.quiet();
      publish(
        scene,
        scene.message('live', {
          kind: 'live',
          channel: 'order.live',
          routingKey: 'order.updated.v1',
        }),
        scene.message('other', { routingKey: 'payment.captured.v1' }),
        scene.message('event'),
      );
      await scene.until(() => seen.length >= 2);
      await scene.under.quiet();
      expect([...seen].sort()).toEqual(['event', 'live']);
    },
    'one star stands for one word of the routing key, a hash for any number': async (scene) => {
      const patterns = ['*.placed.v1', 'order.*', '#.express', 'order.#.v1.#', 'order.placed.v1'];
      const seen = patterns.map((pattern) => watch(scene, pattern));
      const all = watch(scene, '#');
      await scene.under.quiet();
      for (const key of ['order.placed.v1', 'order.placed.v1.express', 'shop.placed.v1', 'order.x'])
        publish(scene, scene.message(key, { routingKey: key }));
      await scene.until(() => all.length >= 4);
      await scene.under.quiet();
      expect(seen.map((keys) => [...keys].sort())).toEqual([
        ['order.placed.v1', 'shop.placed.v1'],
        ['order.x'],
        ['order.placed.v1.express'],
        ['order.placed.v1', 'order.placed.v1.express'],
        ['order.placed.v1'],
      ]);
    },
    'an observer gets the envelope as it was sent, with its trace and attributes': async (
      scene,
    ) => {
      const seen: Envelope[] = [];
      scene.broker.observe('order.#', (envelope) => seen.push(envelope));
      await scene.under.quiet();
      const message = scene.message('ключ "1"', {
        traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
        causationId: '0190b5c1-0000-7000-8000-000000000001',
        attributes: { region: 'europe', note: 'naïve ☃ 🎁' },
        sequence: 7,
      });
      const data = {
        text: 'line\nbreak\t"quoted" \\ \u2028 𝄞',
        list: [1, null, { deep: true }],
      };
      publish(scene, holding(message, data));
      await scene.until(() => seen.length >= 1);
      expect(seen).toEqual([{ ...message.envelope, data }]);
    },
    'a message of 60 KiB reaches an observer whole': async (scene) => {
      const seen: Envelope[] = [];
      scene.broker.observe('#', (envelope) => seen.push(envelope));
      await scene.under.quiet();
      const data = { text: 'ä'.repeat(30 * 1024) };
      publish(scene, holding(scene.message('large'), data));
      await scene.until(() => seen.length >= 1);
      expect(seen[0]?.data).toEqual(data);
    },
    'every one of many observers sees each message once': async (scene) => {
      const seen = Array.from({ length: 50 }, (_, n) => watch(scene, n % 2 ? '#' : 'order.#'));
      await scene.under.quiet();
      publish(scene, ...Array.from({ length: 20 }, (_, n) => scene.message(`m${n}`)));
      await scene.until(() => seen.every((keys) => keys.length >= 20));
      await scene.under.quiet();
      for (const keys of seen) expect([keys.length, new Set(keys).size]).toEqual([20, 20]);
    },
    'what was published before is not seen': async (scene) => {
      const first = watch(scene, '#');
      await scene.under.quiet();
      publish(scene, scene.message('before'));
      await scene.until(() => first.length >= 1);
      const late = watch(scene, '#');
      await scene.under.quiet();
      publish(scene, scene.message('after'));
      await scene.until(() => late.length >= 1 && first.length >= 2);
      expect([first, late]).toEqual([['before', 'after'], ['after']]);
    },
    'an observer that stopped sees nothing more': async (scene) => {
      const seen: string[] = [];
      const stop = scene.broker.observe('#', (envelope) => seen.push(`stopped ${envelope.key}`));
      scene.broker.observe('#', (envelope) => seen.push(envelope.key));
      await scene.under.quiet();
      stop();
      stop();
      publish(scene, scene.message('a'));
      await scene.until(() => seen.length >= 1);
      await scene.under.quiet();
      expect(seen).toEqual(['a']);
    },
    'an observer that stopped may observe again': async (scene) => {
      const all = watch(scene, '#');
      const seen: string[] = [];
      const again = () => scene.broker.observe('order.#', ({ key }) => seen.push(key));
      again()();
      const stop = again();
      await scene.under.quiet();
      publish(scene, scene.message('a'));
      await scene.until(() => seen.length >= 1);
      stop();
      publish(scene, scene.message('b'));
      await scene.until(() => all.length >= 2);
      await scene.under.quiet();
      again();
      await scene.under.quiet();
      publish(scene, scene.message('c'));
      await scene.until(() => seen.length >= 2);
      expect(seen).toEqual(['a', 'c']);
    },
    'an observer that fails disturbs nobody': async (scene) => {
      let failed = 0;
      scene.broker.observe('#', () => {
        failed += 1;
        throw new Error('an observer that fails, in a test');
      });
      const seen = watch(scene, '#');
      await scene.under.quiet();
      publish(scene, scene.message('a'), scene.message('b'));
      await scene.until(() => seen.length >= 2 && failed >= 2);
      expect([...seen].sort()).toEqual(['a', 'b']);
    },
    'an observer of a stranger sees nothing of it': async (scene) => {
      const strange: string[] = [];
      scene.under.stranger.observe('#', ({ key }) => strange.push(key));
      const seen = watch(scene, '#');
      await scene.under.quiet();
      publish(scene, scene.message('a'));
      await scene.until(() => seen.length >= 1);
      await scene.under.quiet();
      expect(strange).toEqual([]);
    },
    'nothing is seen once the broker is closed': async (scene) => {
      const seen = watch(scene, '#');
      await scene.under.quiet();
      await scene.broker.close();
      const late = watch(scene, '#');
      publish(scene, scene.message('a'));
      await scene.under.quiet();
      expect([seen, late]).toEqual([[], []]);
    },
  }),
];
