import { randomBytes } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import { encode } from '@waybill/message';
import {
  type Broker,
  claimChecked,
  claimOf,
  type Delivery,
  keyInside,
  type Outgoing,
} from '@waybill/messaging';

import { MemoryBlobs, Scene, until } from '@waybill/messaging/testing';
import { embeddedBroker } from './embedded-broker.ts';

const largest = 1_000;
/** A body of the key `k`, large enough to go through the blob store. */
const large = JSON.stringify({ key: 'k', text: 'x'.repeat(largest) });
/** A small body of that key. */
const small = (name: string): string => JSON.stringify({ key: 'k', name });

function bench(blobs: MemoryBlobs | undefined = new MemoryBlobs()) {
  const troubles: string[] = [];
  const inner = Object.assign(embeddedBroker(), { largest });
  const broker: Broker = claimChecked(inner, {
    blobs,
    onTrouble: (_, { message }) => troubles.push(message),
  });
  const under = {
    broker,
    stranger: broker,
    size: 0,
    visibilityTimeout: 0,
    now: () => new Date(),
    pass: async () => undefined,
    quiet: () => new Promise<void>((resolve) => setImmediate(resolve)),
    end: () => broker.close(),
  };
  return { scene: new Scene(under), inner, broker, troubles, blobs: blobs ?? new MemoryBlobs() };
}

describe('a body that is larger than its broker takes', () => {
  it('comes as it was sent, before what follows of its key, and lies in the blob store', async () => {
    const { scene, blobs } = bench();
    await scene.group('orders');
    const consumer = await scene.consumer('orders');
    const bodies = [large, ...['b', 'c', 'd'].map(small), `${large} `, small('f')];
    const messages = bodies.map((body) => scene.message('a', { key: 'k', body }));
    expect(await scene.publish(...messages, scene.message('other')).settled(7)).toEqual(
      Array(7).fill('ok'),
    );
    expect(consumer.bodies()[0]).toBe('other');
    expect(consumer.bodies().slice(1)).toEqual(bodies);
    expect(blobs.stored.size).toBe(2);
  });

  it('is an envelope with a reference for whoever looks at the broker, and whole for an observer', async () => {
    const { scene, inner, broker } = bench();
    const [raw, whole]: unknown[][] = [[], []];
    inner.observe('#', ({ data }) => raw?.push(data));
    broker.observe('#', ({ data }) => whole?.push(data));
    const data = { text: large };
    const message = scene.message('a', { data } as object);
    const envelope = { ...message.envelope, data };
    scene.publish({ ...message, envelope, body: encode(envelope) }, scene.message('b'));
    await until(() => whole?.length === 2);
    expect(raw).toContainEqual({
      'waybill.claim': expect.stringMatching(/^[0-9a-f]{64}$/),
      bytes: encode(envelope).length,
    });
    expect(whole).toContainEqual(data);
  });

  it('is handed over with its reference and a reason when the blob is gone', async () => {
    const { scene, blobs } = bench();
    await scene.group('orders');
    scene.publish(scene.message('a', { body: large }));
    await until(() => blobs.stored.size === 1);
    blobs.stored.clear();
    const [delivery] = await (await scene.consumer('orders')).received(1);
    expect(delivery?.gaveUp).toMatch(/^nothing is stored under [0-9a-f]{64}$/);
    expect(claimOf(delivery?.body ?? '')?.key).toBe('a');
  });

  it('is fetched by no reference that somebody has made up', async () => {
    const { scene } = bench();
    await scene.group('orders');
    const body = '{"key":"k","data":{"waybill.claim":"../../etc/passwd"}}';
    scene.publish(scene.message('a', { body }));
    const [delivery] = await (await scene.consumer('orders')).received(1);
    expect(delivery).toMatchObject({ body, gaveUp: 'nothing is stored under ../../etc/passwd' });
  });

  it('waits while the store is away, before what follows of its key, and holds up nobody else', async () => {
    const { scene, blobs, troubles } = bench();
    await scene.group('orders', { partitions: 1 });
    const stored = scene.publish(scene.message('a', { key: 'k', body: large }));
    await until(() => blobs.stored.size === 1);
    blobs.off = true;
    const consumer = await scene.consumer('orders');
    const behind = small('behind');
    scene.publish(scene.message('b', { key: 'k', body: behind }), scene.message('other'));
    await until(() => consumer.bodies().includes('other') && troubles.length > 0);
    expect(consumer.bodies()).toEqual(['other']);
    blobs.off = false;
    await stored.settled(1);
    await until(() => consumer.bodies().length === 3);
    expect(consumer.bodies().slice(1)).toEqual([large, behind]);
    expect(new Set(troubles)).toEqual(new Set(['the store is away']));
  });

  it('is not handed over any more when its partition or its consumer has gone', async () => {
    const { scene, blobs, troubles } = bench();
    await scene.group('orders', { partitions: 1 });
    scene.publish(scene.message('a', { key: 'k', body: large }));
    await until(() => blobs.stored.size === 1);
    blobs.off = true;
    const first = await scene.consumer('orders');
    await until(() => troubles.length > 0);
    await first.leave();
    blobs.off = false;
    const second = await scene.consumer('orders');
    await until(() => second.bodies().length === 1);
    expect(first.bodies()).toEqual([]);
  });

  it('is not told as safe when it cannot be stored, and what follows of its key is not sent', async () => {
    const { scene, blobs } = bench();
    await scene.group('orders');
    blobs.off = true;
    const key = { key: 'k' };
    const sent = scene.publish(
      scene.message('a', { ...key, body: large }),
      scene.message('b', key),
    );
    await sent.settled(2);
    expect(sent.told.map(({ error }) => error?.message)).toEqual(
      Array(2).fill('the store is away'),
    );
  });

  it('takes what waits behind it along when the broker refuses it', async () => {
    const { scene, inner } = bench();
    const refusing = Object.assign(inner, {
      publish: (messages: readonly Outgoing[], settled: (id: string, error?: Error) => void) => {
        const [first] = messages;
        settled(first?.envelope.id ?? '', new Error('no'));
      },
    });
    expect(refusing.largest).toBe(largest);
    const bodies = [large, `${large} `, small('c')];
    const sent = scene.publish(...bodies.map((body) => scene.message('a', { key: 'k', body })));
    await sent.settled(3);
    expect(sent.told.map(({ error }) => error?.message)).toEqual(['no', 'no', 'no']);
  });

  it('is refused where there is no store, and what follows goes on', async () => {
    const { scene } = bench(undefined);
    const broker = claimChecked(Object.assign(embeddedBroker(), { largest }));
    const without = new Scene({ ...scene.under, broker });
    await without.group('orders');
    await without.consumer('orders');
    const key = { key: 'k' };
    const messages = [without.message('a', { ...key, body: large }), without.message('b', key)];
    expect(await without.publish(...messages).settled(2)).toEqual(['message_too_large', 'ok']);
  });
});

describe('a body above a size', () => {
  const passed = (body: string, options = {}, more: Partial<Broker> = {}) => {
    const sent: Outgoing[] = [];
    const inner = Object.assign(embeddedBroker(), {
      largest: 100_000,
      publish: (messages: readonly Outgoing[]) => sent.push(...messages),
      ...more,
    }) as Broker;
    const { scene } = bench();
    claimChecked(inner, options).publish([scene.message('a', { body })], () => undefined);
    return { inner, sent: sent[0] };
  };

  it('is compressed, counted in bytes and unless it would grow', () => {
    const { sent } = passed('ü'.repeat(2_049));
    expect(sent?.wire).toMatchObject({ contentType: 'application/json', contentEncoding: 'gzip' });
    expect(gunzipSync(sent?.wire?.content ?? '').toString()).toBe(sent?.body);
    expect(passed('ü'.repeat(2_048)).sent?.wire).toBeUndefined();
    const grows = randomBytes(15).toString('base64');
    expect(passed(grows, { compressAbove: 10 }).sent?.wire).toBeUndefined();
    expect(passed('x'.repeat(101), { compressAbove: 100 }).sent?.wire).toBeDefined();
  });

  it('is left to a broker that compresses by itself', () => {
    expect(passed('x'.repeat(90_000), {}, { compresses: true }).sent?.wire).toBeUndefined();
  });

  it('and of less than the broker takes travels compressed where there is no store, whatever its size', () => {
    expect(passed('x'.repeat(90_000)).sent?.wire?.content.length).toBeLessThan(1_000);
    expect(passed('x'.repeat(100_001)).sent).toBeUndefined();
  });

  it('is no limit for a sender where there is a store', () => {
    const { inner } = passed('x');
    const largestOf = (options = {}) => claimChecked(inner, options).largest;
    expect([largestOf(), largestOf({ blobs: new MemoryBlobs() })]).toEqual([
      100_000,
      Number.POSITIVE_INFINITY,
    ]);
  });
});

describe('a claim', () => {
  it('is what a sender has written, and nothing that looks alike', () => {
    const claim = '{"key":"k","data":{"waybill.claim":"r","bytes":1}}';
    expect(claimOf(claim)).toEqual({ reference: 'r', key: 'k' });
    for (const other of [
      'a',
      '{"data":{"waybill.claim":"r"',
      '{"data":{"data":{"waybill.claim":"r"}}}',
      JSON.stringify({ data: claim }),
    ]) {
      expect(claimOf(other)).toBeNull();
    }
  });

  it('and all other bodies may have a key inside', () => {
    const bodies = ['{"key":"k"}', '{"key":7}', '[', 'null', '""'];
    expect(bodies.map(keyInside)).toEqual(['k', '', '', '', '']);
  });

  it('of a delivery keeps what the broker said of it', async () => {
    const { scene } = bench();
    await scene.group('orders');
    scene.publish(scene.message('a', { body: large, expiresAt: '2020-01-01T00:00:00.000Z' }));
    const [delivery] = (await (await scene.holder('orders')).received(1)) as [Delivery];
    expect([delivery.expired, delivery.redelivered, delivery.body]).toEqual([true, false, large]);
    delivery.giveBack();
  });
});
