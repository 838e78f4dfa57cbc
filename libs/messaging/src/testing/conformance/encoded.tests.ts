import { gzipSync } from 'node:zlib';
import { expect } from '@jest/globals';
import { type Codec, decode, event } from '@waybill/message';
import { z } from 'zod';
import type { WireBody } from '../../wire/wire-body.ts';
import { testsOf } from './conformance-test.ts';
import type { Scene } from './scene.ts';

/** A message whose bytes on the wire are not those of its body, so that a test sees which of them arrived. */
const wired = (scene: Scene, name: string, content: Buffer, contentEncoding = 'gzip') => ({
  ...scene.message(name, { body: 'x'.repeat(4_000) }),
  wire: { content, contentType: 'application/json', contentEncoding } as WireBody,
});

/** Bytes that are not UTF-8, and only become a message by its codec. */
const flipped = (bytes: Uint8Array): Buffer => Buffer.from(bytes.map((byte) => byte ^ 0xff));
const codec: Codec = {
  contentType: 'application/x-flipped',
  encode: (envelope) => flipped(Buffer.from(JSON.stringify(envelope))),
  decode: (bytes) => decode(flipped(bytes).toString()),
};
const Coded = event('shop.coded', {
  summary: 'A message with a codec.',
  schema: z.strictObject({ text: z.string() }),
  key: () => 'coded',
  codec: () => codec,
});

export const encodedTests = [
  ...testsOf('encoded', {
    'a compressed body is decompressed before it is delivered': async (scene) => {
      await scene.group('orders');
      const consumer = await scene.consumer('orders');
      const text = `{"text":"${'Grüße \uFFFE 🚀 '.repeat(200)}"}`;
      await scene.publishUntilConfirmed(wired(scene, 'a', gzipSync(text)), scene.message('b'));
      await scene.until(() => consumer.bodies().length >= 2);
      expect(new Set(consumer.bodies())).toEqual(new Set([text, 'b']));
    },
    'a message is bytes by the codec of its contract on the way, and JSON for its readers': async (
      scene,
    ) => {
      await scene.group('orders');
      const consumer = await scene.consumer('orders');
      const { envelope } = scene.message('a', { type: Coded.type });
      const wire = { content: Buffer.from(codec.encode(envelope)), contentType: codec.contentType };
      const message = {
        ...scene.message('a', { type: Coded.type, body: 'x'.repeat(4_000) }),
        wire,
      };
      const unknown = { ...wire, contentType: 'application/x-unknown' };
      const other = scene.message('b', { type: Coded.type, body: 'x'.repeat(4_000) });
      await scene.publishUntilConfirmed(message, { ...other, wire: unknown });
      await scene.until(() => consumer.bodies().length >= 2);
      const came = consumer.deliveries.map(({ body, gaveUp }) => gaveUp ?? body);
      expect(new Set(came)).toEqual(
        new Set([
          JSON.stringify(envelope),
          '"shop.coded" has no content type "application/x-unknown"',
        ]),
      );
    },
    'a body that cannot be read is delivered as it came, with the reason': async (scene) => {
      const { largest } = scene.broker;
      const whole = gzipSync('a'.repeat(3_000));
      const bombs = Buffer.alloc(largest + 1, 'a');
      const contents = {
        'the body is not valid gzip': [whole.subarray(0, -9), 'gzip'],
        [`the body has more than ${largest} bytes`]: [gzipSync(bombs), 'gzip'],
        'content encoding "br" is unknown': [whole, 'br'],
      } as const;
      await scene.group('orders');
      const consumer = await scene.consumer('orders');
      const messages = Object.values(contents).map(([content, encoding], n) =>
        wired(scene, `${n}`, content, encoding),
      );
      await scene.publishUntilConfirmed(...messages, scene.message('after'));
      await scene.until(() => new Set(consumer.bodies()).size > messages.length);
      const came = consumer.deliveries.map(
        ({ gaveUp = 'read', bytes }) => [gaveUp, Buffer.from(bytes ?? '').toString('hex')] as const,
      );
      expect(new Map(came)).toEqual(
        new Map([
          ['read', ''],
          ...Object.entries(contents).map(
            ([reason, [content]]) => [reason, content.toString('hex')] as const,
          ),
        ]),
      );
    },
  }),
];
