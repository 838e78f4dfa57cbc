import { readFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from '@jest/globals';
import {
  brokerConformance,
  type Capability,
  capabilities,
  countsOf,
  guaranteesTable,
} from '@waybill/messaging/testing';
import { forgetNamespaces, kafkaUnderTest } from './testing/kafka-under-test.ts';

const server = process.env['KAFKA_BROKERS'] ?? '';
afterAll(() => forgetNamespaces(server), 30_000);

/** Kafka confirms only stored messages, stores without a bound, and has no delays, priorities or requests. */
const without = new Set<Capability>([
  'confirmsCommit',
  'visibility',
  'priority',
  'answered',
  'bounded',
]);

const result = brokerConformance(
  'kafka',
  () => kafkaUnderTest(server),
  Object.fromEntries(
    Object.keys(capabilities).map((each) => [each, !without.has(each as Capability)]),
  ) as Record<Capability, boolean>,
  { timeoutMs: 30_000 },
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
