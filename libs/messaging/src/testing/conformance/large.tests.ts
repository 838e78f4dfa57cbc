import { expect } from '@jest/globals';
import { MemoryBlobs } from '../memory-blobs.ts';
import { testsOf } from './conformance-test.ts';
import type { Scene } from './scene.ts';

/** Not valid in XML, so that some brokers must encode it in a longer form. */
const odd = '\uFFFE';

/** Publishes bodies of up to `most` bytes and a larger one; all arrive, and only the larger one is in the blob store. */
async function arrive(scene: Scene, blobs: MemoryBlobs, most: number): Promise<void> {
  const bodies = {
    plain: 'a'.repeat(most),
    odd: odd + 'a'.repeat(most - Buffer.byteLength(odd)),
    larger: 'b'.repeat(most + 1),
    small: 'c',
  };
  await scene.group('orders');
  const consumer = await scene.consumer('orders');
  const messages = Object.entries(bodies).map(([name, body]) => scene.message(name, { body }));
  await scene.publishUntilConfirmed(...messages);
  await scene.until(() => new Set(consumer.bodies()).size === messages.length);
  expect(new Set(consumer.bodies())).toEqual(new Set(Object.values(bodies)));
  expect([...blobs.stored.values()].map((bytes) => bytes.length)).toEqual([most + 1]);
}

export const largeTests = [
  ...testsOf('large', {
    'the largest body goes by the broker alone, and a larger one by the blob store': async (
      scene,
    ) => {
      const blobs = new MemoryBlobs();
      const off = Number.POSITIVE_INFINITY;
      const checked = scene.withBlobs({ blobs, compressAbove: off, storeAbove: off });
      await arrive(checked, blobs, scene.broker.largest);
    },
    'a body of more than 64 KiB goes by the blob store, unless told otherwise': async (scene) => {
      const blobs = new MemoryBlobs();
      await arrive(scene.withBlobs({ blobs }), blobs, 64 * 1024);
    },
  }),
];
