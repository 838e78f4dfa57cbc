import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import { encode } from '@waybill/message';
import type { Outgoing } from '@waybill/messaging';
import {
  type BrokerUnderTest,
  brokerConformance,
  type Capability,
  capabilities,
  countsOf,
  guaranteesTable,
  Scene,
} from '@waybill/messaging/testing';
import { Redis } from 'ioredis';
import { redisBroker } from './redis-broker.ts';
import { until } from './testing/live.fixture.ts';

const url = process.env['REDIS_URL'] ?? '';

/** Pub/sub stores nothing, so capabilities about groups, time or replies do not apply. */
const kept = new Set<Capability>(['observed']);

/** Sends a message through Redis and back: everything published before it has been delivered to all subscribers. */
async function openWitness() {
  const [speaker, hearer] = [new Redis(url), new Redis(url)];
  const channel = `test-${randomUUID()}`;
  await hearer.subscribe(channel);
  return {
    roundTrip: async () => {
      const received = once(hearer, 'message');
      await speaker.publish(channel, 'now');
      await received;
    },
    close: () => {
      speaker.disconnect();
      hearer.disconnect();
    },
  };
}

async function make(): Promise<BrokerUnderTest> {
  const broker = redisBroker({ url, service: 'test', namespace: `test-${randomUUID()}` });
  const stranger = redisBroker({ url, service: 'test', namespace: `test-${randomUUID()}` });
  const [witness] = await Promise.all([openWitness(), broker.declare([]), stranger.declare([])]);
  return {
    broker,
    stranger,
    size: 0,
    visibilityTimeout: 0,
    now: () => new Date(),
    pass: (ms) => wait(ms),
    quiet: async () => {
      await until('both hear', () => broker.listens && stranger.listens);
      // Twice, because the first may overtake what a broker published at the same moment on another connection.
      for (const _ of [1, 2]) await witness.roundTrip();
    },
    end: async () => {
      await Promise.all([broker.close(), stranger.close()]);
      witness.close();
    },
  };
}

const result = brokerConformance(
  'redis',
  make,
  Object.fromEntries(
    Object.keys(capabilities).map((name) => [name, kept.has(name as Capability)]),
  ) as Record<Capability, boolean>,
);

describe('a live message that is compressed', () => {
  it('is read by its first bytes, and dropped with a reason when it is broken', async () => {
    const namespace = `test-${randomUUID()}`;
    const troubles: string[] = [];
    const onTrouble = (_: string, { message }: Error): unknown => troubles.push(message);
    const under = await make();
    const broker = redisBroker({ url, service: 'test', namespace, onTrouble });
    const scene = new Scene({ ...under, broker });
    const seen: unknown[] = [];
    broker.observe('#', ({ data }) => seen.push(data));
    const { envelope } = scene.message('a', { kind: 'live' });
    const packed = gzipSync(encode({ ...envelope, data: 'packed' }));
    const wired = (content: Buffer): Outgoing => ({
      ...scene.message('a', { kind: 'live' }),
      wire: { content, contentType: 'application/json', contentEncoding: 'gzip' },
    });
    try {
      await broker.declare([]);
      await until('the observer hears', () => broker.listens);
      await scene.publish(wired(packed.subarray(0, -9)), wired(packed)).settled(2);
      await until('the whole one is seen', () => seen.length > 0);
      expect([seen, troubles]).toEqual([['packed'], ['the body is not valid gzip']]);
    } finally {
      await Promise.all([broker.close(), under.end()]);
    }
  });
});

describe('what the suite has proven', () => {
  it('stands in conformance.json', () => {
    const file = readFileSync(new URL('../conformance.json', import.meta.url), 'utf8');
    expect(JSON.parse(file)).toEqual(countsOf(result));
  });

  it('stands in the README', () => {
    const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
    expect(readme).toContain(guaranteesTable([result]));
  });
});
