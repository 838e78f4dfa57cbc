import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import {
  type BrokerUnderTest,
  brokerConformance,
  type Capability,
  capabilities,
  countsOf,
  guaranteesTable,
} from '@waybill/messaging/testing';
import { redisBroker } from './redis-broker.ts';

const url = process.env['REDIS_URL'] ?? '';

/** Pub/sub keeps nothing: all that speaks of groups, time or answers does not apply. */
const kept = new Set<Capability>(['observed']);

async function make(): Promise<BrokerUnderTest> {
  const broker = redisBroker({ url, service: 'test', namespace: `test-${randomUUID()}` });
  const stranger = redisBroker({ url, service: 'test', namespace: `test-${randomUUID()}` });
  await Promise.all([broker.declare([]), stranger.declare([])]);
  return {
    broker,
    stranger,
    size: 0,
    visibilityTimeout: 0,
    now: () => new Date(),
    pass: (ms) => wait(ms),
    quiet: async () => {
      while (!broker.listens || !stranger.listens) await wait(1);
      await wait(50);
    },
    end: async () => {
      await Promise.all([broker.close(), stranger.close()]);
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
