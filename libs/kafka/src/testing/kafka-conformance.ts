import {
  brokerConformance,
  type Capability,
  type ConformanceResult,
  capabilities,
} from '@waybill/messaging/testing';
import type { KafkaBrokerOptions } from '../options.ts';
import { kafkaUnderTest } from './kafka-under-test.ts';

/** It confirms what it has stored, keeps what comes without a bound, and knows neither delays, priorities nor requests. */
const without = new Set<Capability>([
  'confirmsCommit',
  'visibility',
  'priority',
  'delayed',
  'answered',
  'bounded',
]);

/** Registers the suite of every broker for the server at `server`. */
export const kafkaConformance = (
  name: string,
  server: string,
  options: Partial<KafkaBrokerOptions> = {},
): ConformanceResult =>
  brokerConformance(
    name,
    () => kafkaUnderTest(server, options),
    Object.fromEntries(
      Object.keys(capabilities).map((each) => [each, !without.has(each as Capability)]),
    ) as Record<Capability, boolean>,
    { timeoutMs: 30_000 },
  );
