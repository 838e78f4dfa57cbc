import { expect } from '@jest/globals';
import { MemoryBlobs } from '../memory-blobs.ts';
import { testsOf } from './conformance-test.ts';

/** Not valid in XML, so that some brokers must encode it in a longer form. */
const odd = '\uFFFE';

export const largeTests = [
  ...testsOf('large', {
    'the largest body goes by the broker alone, and a larger one by the blob store': async (
      scene,
    ) => {
      const blobs = new MemoryBlobs();
      const checked = scene.withBlobs(blobs);
      const { largest } = scene.broker;
      const bodies = {
        plain: 'a'.repeat(largest),
        odd: odd + 'a'.repeat(largest - Buffer.byteLength(odd)),
        larger: 'b'.repeat(largest + 1),
        small: 'c',
      };
      await checked.group('orders');
      const consumer = await checked.consumer('orders');
      const messages = Object.entries(bodies).map(([name, body]) =>
        checked.message(name, { body }),
      );
      await checked.publishUntilConfirmed(...messages);
      await checked.until(() => new Set(consumer.bodies()).size === messages.length);
      expect(new Set(consumer.bodies())).toEqual(new Set(Object.values(bodies)));
      expect([...blobs.stored.values()].map((bytes) => bytes.length)).toEqual([largest + 1]);
    },
  }),
];
