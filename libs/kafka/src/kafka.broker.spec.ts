import { brokerConformance, type Capability, capabilities } from '@waybill/messaging/testing';
import { kafkaUnderTest } from './testing/kafka-under-test.ts';

const server = process.env['KAFKA_BROKERS'] ?? '';

/** It confirms what it has stored, keeps what comes without a bound, and knows neither delays nor priorities. */
const without = new Set<Capability>([
  'confirmsCommit',
  'visibility',
  'priority',
  'delayed',
  'bounded',
]);

brokerConformance(
  'kafka',
  () => kafkaUnderTest(server),
  Object.fromEntries(
    Object.keys(capabilities).map((name) => [name, !without.has(name as Capability)]),
  ) as Record<Capability, boolean>,
  { timeoutMs: 30_000 },
);
