import { expect } from '@jest/globals';
import { decode, encode, newId } from '@waybill/message';
import { MemoryBlobs } from '../memory-blobs.ts';
import { testsOf } from './conformance-test.ts';
import type { Scene } from './scene.ts';

/** Declares a group with a pattern, publishes routing keys, and returns those that were delivered. */
async function receivedBy(
  scene: Scene,
  pattern: string,
  keys: readonly string[],
): Promise<string[]> {
  await scene.group('chosen', { bindings: [{ pattern }, { pattern: 'end.of.test' }] });
  const consumer = await scene.consumer('chosen');
  const routingKeys = [...keys, 'end.of.test'];
  scene.publish(
    ...routingKeys.map((routingKey) => scene.message(routingKey, { routingKey, key: 'one' })),
  );
  await scene.until(() => consumer.bodies().includes('end.of.test'));
  return consumer.bodies().slice(0, -1);
}

export const routingTests = [
  ...testsOf('routed', {
    'a pattern without wildcards matches its own routing key': async (scene) => {
      const keys = [
        'order.placed.v1',
        'order.placed.v2',
        'order.placed',
        'order.placed.v1.express',
      ];
      expect(await receivedBy(scene, 'order.placed.v1', keys)).toEqual(['order.placed.v1']);
    },
    'a star stands for one word': async (scene) => {
      const keys = ['order.payment.created', 'order.created', 'order.a.b.created', 'x.a.created'];
      expect(await receivedBy(scene, 'order.*.created', keys)).toEqual(['order.payment.created']);
    },
    'a hash stands for any number of words, also none': async (scene) => {
      const keys = ['order', 'order.placed', 'order.placed.v1.express', 'orders.placed'];
      expect(await receivedBy(scene, 'order.#', keys)).toEqual(keys.slice(0, 3));
    },
    'stars and a hash mix': async (scene) => {
      const keys = [
        'order.placed.v1.express',
        'order.placed.v1.express.7',
        'return.placed.v2.express',
        'order.placed.express',
        'order.placed.v1.standard',
      ];
      expect(await receivedBy(scene, '*.placed.*.express.#', keys)).toEqual(keys.slice(0, 3));
    },
    'a hash in the middle matches what lies between': async (scene) => {
      const keys = ['a.z', 'a.b.z', 'a.b.c.z', 'a.b.c', 'z'];
      expect(await receivedBy(scene, 'a.#.z', keys)).toEqual(['a.z', 'a.b.z', 'a.b.c.z']);
    },
    'a subscription receives its own channel only': async (scene) => {
      await scene.group('orders');
      const consumer = await scene.consumer('orders');
      scene.publish(scene.message('elsewhere', { channel: 'other.events' }), scene.message('here'));
      await consumer.received(1);
      expect(consumer.bodies()).toEqual(['here']);
    },
    'a filter wants one of its values in every attribute that it names': async (scene) => {
      const filter = { region: ['europe', 'world'], band: ['high'] };
      await scene.group('chosen', { bindings: [{ filter }] });
      const consumer = await scene.consumer('chosen');
      const send = (name: string, attributes: Record<string, string>) =>
        scene.publish(scene.message(name, { attributes, key: 'one' }));
      send('too low', { region: 'europe', band: 'normal' });
      send('no band', { region: 'europe' });
      send('right', { region: 'world', band: 'high', more: 'yes' });
      await consumer.received(1);
      expect(consumer.bodies()).toEqual(['right']);
    },
    'a message passes when one of two filters of a group lets it': async (scene) => {
      await scene.group('chosen', {
        bindings: [{ filter: { status: ['shipped'] } }, { filter: { band: ['high'] } }],
      });
      const consumer = await scene.consumer('chosen');
      const send = (name: string, attributes: Record<string, string>) =>
        scene.publish(scene.message(name, { attributes, key: 'one' }));
      send('neither', { status: 'confirmed', band: 'normal' });
      send('shipped', { status: 'shipped' });
      send('both', { status: 'shipped', band: 'high' });
      await consumer.received(2);
      expect(consumer.bodies()).toEqual(['shipped', 'both']);
    },
    'sixteen headers of four kibibytes arrive whole, and a filter finds one of them': async (
      scene,
    ) => {
      await scene.group('chosen', { bindings: [{ filter: { 'header-7': ['europe'] } }] });
      const consumer = await scene.consumer('chosen');
      const names = Array.from({ length: 16 }, (_, index) => `header-${index}`);
      const attributes = Object.fromEntries(names.map((name) => [name, 'é'.repeat(120)]));
      const send = (given: Record<string, string>) => {
        const { envelope } = scene.message('a', { attributes: given, key: 'one' });
        scene.publish({ channel: scene.channel, envelope, body: encode(envelope) });
      };
      send(attributes);
      send({ ...attributes, 'header-7': 'europe' });
      const [delivery] = await consumer.received(1);
      expect(decode(delivery?.body ?? '').attributes).toEqual({
        ...attributes,
        'header-7': 'europe',
      });
    },
    'a binding that is declared later counts from then on': async (scene) => {
      await scene.group('orders', { bindings: [{ pattern: 'order.placed.#' }] });
      const consumer = await scene.consumer('orders');
      const cancelled = { routingKey: 'order.cancelled.v1', key: 'one' };
      await scene.publish(scene.message('before', cancelled)).settled(1);
      await scene.group('orders', { bindings: [{ pattern: 'order.#' }] });
      scene.publish(scene.message('after', cancelled));
      await consumer.received(1);
      expect(consumer.bodies()).toEqual(['after']);
    },
  }),
  ...testsOf('unroutable', {
    'a command, a task or a reply without a subscriber is refused': async (scene) => {
      const sent = scene.publish(
        scene.message('command', { kind: 'command' }),
        scene.message('task', { kind: 'task' }),
        scene.message('reply', { kind: 'reply' }),
      );
      expect(await sent.settled(3)).toEqual(['unroutable', 'unroutable', 'unroutable']);
    },
    'a refusal speaks of its message alone': async (scene) => {
      await scene.group('payment', { kind: 'command', bindings: [{ pattern: 'payment.#' }] });
      await scene.consumer('payment');
      const send = { kind: 'command' as const, key: 'one' };
      const lost = scene.message('lost', send);
      const sent = scene.publish(
        scene.message('one', { ...send, routingKey: 'payment.capture.v1' }),
        lost,
        scene.message('two', { ...send, routingKey: 'payment.capture.v1' }),
      );
      await sent.settled(3);
      const refused = sent.told.filter(({ error }) => error);
      expect(refused.map(({ id }) => id)).toEqual([lost.envelope.id]);
    },
  }),
  ...testsOf('intact', {
    'the body arrives character by character': async (scene) => {
      await scene.group('orders');
      const consumer = await scene.consumer('orders');
      const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
      const text = 'Grüße, 東京 – 🚀 "quoted" \\ \u2028 \u0007 ñ';
      const attributes = { region: 'europe', note: text };
      const { envelope } = scene.message('a', { key: text, traceparent, attributes });
      const body = JSON.stringify({ ...envelope, data: { text } });
      scene.publish({ channel: scene.channel, envelope, body });
      const [delivery] = await consumer.received(1);
      expect(delivery?.body).toBe(body);
      expect(delivery?.channel).toBe(scene.channel);
    },
    'the envelope arrives whole, with its trace context': async (scene) => {
      await scene.group('orders');
      const consumer = await scene.consumer('orders');
      const { envelope } = scene.message('a', {
        traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
        correlationId: newId(),
        causationId: newId(),
        sequence: 7,
        expiresAt: new Date(scene.under.now().getTime() + 3_600_000).toISOString(),
        attributes: { region: 'europe' },
      });
      scene.publish({ channel: scene.channel, envelope, body: encode(envelope) });
      const [delivery] = await consumer.received(1);
      expect(decode(delivery?.body ?? '')).toEqual(envelope);
    },
    'a message of one mebibyte arrives': async (scene) => {
      const off = Number.POSITIVE_INFINITY;
      const checked = scene.withBlobs({
        blobs: new MemoryBlobs(),
        compressAbove: off,
        storeAbove: off,
      });
      await checked.group('orders');
      const consumer = await checked.consumer('orders');
      const body = JSON.stringify({ text: 'x'.repeat(1024 * 1024) });
      checked.publish(scene.message('large', { body }));
      const [delivery] = await consumer.received(1);
      expect(delivery?.body === body).toBe(true);
    },
    'bytes that are no JSON arrive as they are, and what follows comes too': async (scene) => {
      await scene.group('orders');
      const consumer = await scene.consumer('orders');
      const bodies = ['{"half":', '', 'null', '\u0000', '[]', 'fine'];
      scene.publish(...bodies.map((body) => scene.message('poison', { body })));
      await consumer.received(bodies.length);
      expect(consumer.bodies()).toEqual(bodies);
    },
  }),
];
