import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import {
  brokerConformance,
  type Capability,
  capabilities,
  countsOf,
} from '@waybill/messaging/testing';
import { serverAddress } from './testing/server-address.config.ts';
import { snsSqsUnderTest } from './testing/sns-sqs-under-test.ts';

/** Capabilities that SNS/SQS does not guarantee; the README has the reasons. */
const never: readonly Capability[] = [
  'confirmsCommit',
  'priority',
  'answered',
  'replayed',
  'bounded',
  'browsed',
  'moved',
];
/** Capabilities of ordered channels only, or independent of the channel. */
const ofOrder: readonly Capability[] = [
  'ordered',
  'spread',
  'survives',
  'heals',
  'visibility',
  'observed',
  'unroutable',
];

const allBut = (lacks: readonly Capability[]) =>
  Object.fromEntries(
    Object.keys(capabilities).map((name) => [name, !lacks.includes(name as Capability)]),
  ) as Record<Capability, boolean>;
const options = { timeoutMs: 60_000 };

const ordered = brokerConformance(
  'sns-sqs',
  () => snsSqsUnderTest(serverAddress),
  allBut(never),
  options,
);
const unordered = brokerConformance(
  'sns-sqs, announcements',
  () => snsSqsUnderTest(serverAddress, {}, 'shop.announcements'),
  allBut([...never, ...ofOrder]),
  { ...options, part: true },
);

describe('the file conformance.json', () => {
  it('says what this suite proves', () => {
    const file = readFileSync(new URL('../conformance.json', import.meta.url), 'utf8');
    expect(JSON.parse(file)).toEqual([ordered, unordered].map(countsOf));
  });
});
