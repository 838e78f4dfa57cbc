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

/** It confirms what it has stored, keeps what comes without a bound, and knows neither delays nor priorities. */
const without = new Set<Capability>([
  'confirmsCommit',
  'visibility',
  'priority',
  'delayed',
  'bounded',
]);

const result = brokerConformance(
  'kafka',
  () => kafkaUnderTest(server, { client: 'platformatic' }),
  Object.fromEntries(
    Object.keys(capabilities).map((name) => [name, !without.has(name as Capability)]),
  ) as Record<Capability, boolean>,
  { timeoutMs: 30_000 },
);
