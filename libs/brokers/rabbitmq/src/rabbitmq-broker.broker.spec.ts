import { readFileSync } from 'node:fs';
import process from 'node:process';
import { describe, expect, it } from '@jest/globals';
import {
  brokerConformance,
  type Capability,
  type ConformanceCounts,
  capabilities,
  countsOf,
  guaranteesTable,
  resultOf,
} from '@waybill/messaging/testing';
import { RabbitMqUnderTest } from './testing/rabbitmq-under-test.ts';

/** Capabilities that the adapter does not claim for RabbitMQ: see the README. */
const without = new Set<Capability>([
  'confirmsCommit',
  'visibility',
  'replayed',
  'bounded',
  'browsed',
  'moved',
]);

const result = brokerConformance(
  'rabbitmq',
  () => new RabbitMqUnderTest(process.env['RABBITMQ_URL'] ?? '').asBrokerUnderTest(),
  Object.fromEntries(
    Object.keys(capabilities).map((name) => [name, !without.has(name as Capability)]),
  ) as Record<Capability, boolean>,
  { timeoutMs: 30_000 },
);

const read = (file: string): string => readFileSync(new URL(`../${file}`, import.meta.url), 'utf8');

describe('the documents of this adapter', () => {
  it('conformance.json counts what this suite proves', () => {
    expect(JSON.parse(read('conformance.json'))).toEqual(countsOf(result));
  });

  it('the README has the table of it', () => {
    const counts = JSON.parse(read('conformance.json')) as ConformanceCounts;
    expect(read('README.md')).toContain(guaranteesTable([resultOf(counts)]));
  });
});
