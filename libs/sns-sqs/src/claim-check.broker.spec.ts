import { randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import type { BlobStore } from '@waybill/messaging';
import { serverAddress } from './testing/server-address.config.ts';
import { withBroker } from './testing/sns-sqs-under-test.ts';

/** A blob store that can be emptied and switched off. */
class FickleBlobs implements BlobStore {
  readonly blobs = new Map<string, Uint8Array>();
  off = false;

  async put(bytes: Uint8Array): Promise<string> {
    if (this.off) throw new Error('the store is away');
    this.blobs.set(`blob-${this.blobs.size}`, bytes);
    return `blob-${this.blobs.size - 1}`;
  }

  async get(reference: string): Promise<Uint8Array | null> {
    if (this.off) throw new Error('the store is away');
    return this.blobs.get(reference) ?? null;
  }
}

const large = (): string => randomBytes(150_000).toString('hex');

describe('a body that SNS cannot carry', () => {
  const blobs = new FickleBlobs();
  const on = { blobs };

  it(
    'comes as it was sent, and lies in the blob store',
    withBroker(
      serverAddress,
      async (scene) => {
        await scene.group('orders');
        const consumer = await scene.consumer('orders');
        const body = large();
        const before = blobs.blobs.size;
        const small = scene.message('small');
        expect(await scene.publish(scene.message('large', { body }), small).settled(2)).toEqual([
          'ok',
          'ok',
        ]);
        await consumer.received(2);
        expect([...consumer.bodies()].sort((one, other) => one.length - other.length)).toEqual([
          'small',
          body,
        ]);
        expect(blobs.blobs.size).toBe(before + 1);
      },
      on,
    ),
    30_000,
  );

  it(
    'is handed over with its own text and a reason when the blob is gone',
    withBroker(
      serverAddress,
      async (scene) => {
        await scene.group('orders');
        const sent = scene.publish(scene.message('large', { body: large() }));
        await sent.settled(1);
        blobs.blobs.clear();
        const [delivery] = await (await scene.consumer('orders')).received(1);
        expect(delivery?.gaveUp).toMatch(/^nothing is stored under blob-\d+$/);
        expect(JSON.parse(delivery?.body ?? '')).toEqual({
          dataRef: expect.any(String),
          bytes: 300_000,
        });
      },
      on,
    ),
    30_000,
  );

  it(
    'waits while the store is away, before what follows of its key, and holds up nobody else',
    withBroker(
      serverAddress,
      async (scene) => {
        await scene.group('orders');
        const body = large();
        const sent = scene.publish(
          scene.message('large', { body, key: 'k' }),
          scene.message('behind', { key: 'k' }),
          scene.message('other'),
        );
        await sent.settled(3);
        blobs.off = true;
        const consumer = await scene.consumer('orders');
        await scene.until(() => consumer.bodies().includes('other'));
        await scene.under.quiet();
        expect(consumer.bodies()).toEqual(['other']);
        blobs.off = false;
        await consumer.received(3);
        expect(consumer.bodies().slice(1)).toEqual([body, 'behind']);
      },
      on,
    ),
    30_000,
  );

  it(
    'is not told as safe when it cannot be stored, and what follows of its key is not sent',
    withBroker(
      serverAddress,
      async (scene) => {
        await scene.group('orders');
        blobs.off = true;
        const sent = scene.publish(
          scene.message('large', { body: large(), key: 'k' }),
          scene.message('behind', { key: 'k' }),
        );
        await sent.settled(2);
        blobs.off = false;
        expect(sent.told.map(({ error }) => error?.message)).toEqual([
          'the store is away',
          'the store is away',
        ]);
      },
      on,
    ),
    30_000,
  );

  it(
    'is refused where there is no store, and what follows goes on',
    withBroker(
      serverAddress,
      async (scene, under) => {
        await scene.group('orders');
        const { blobs: _, ...without } = on;
        const broker = await under.another({ ...without, blobs: undefined as never });
        const codes: string[] = [];
        const told = new Promise<void>((resolve) => {
          const messages = [
            scene.message('large', { body: large(), key: 'k' }),
            scene.message('behind', { key: 'k' }),
          ];
          broker.publish(messages, (_id, error) => {
            codes.push((error as { code?: string } | undefined)?.code ?? 'ok');
            if (codes.length === 2) resolve();
          });
        });
        await told;
        expect(codes).toEqual(['message_too_large', 'ok']);
      },
      on,
    ),
    30_000,
  );
});
