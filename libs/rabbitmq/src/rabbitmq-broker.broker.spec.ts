import { describe, expect, it } from '@jest/globals';
import { brokerConformance, type Capability, capabilities } from '@waybill/messaging/testing';
import { RabbitMqUnderTest } from './testing/rabbitmq-under-test.ts';

const url = process.env['RABBITMQ_URL'] ?? 'amqp://guest:guest@127.0.0.1:5672';

/** What RabbitMQ is not asked for: see the README. */
const without = new Set<Capability>(['confirmsCommit', 'visibility', 'replayed', 'bounded']);

const result = brokerConformance(
  'rabbitmq',
  () => new RabbitMqUnderTest(url).asBrokerUnderTest(),
  Object.fromEntries(
    Object.keys(capabilities).map((name) => [name, !without.has(name as Capability)]),
  ) as Record<Capability, boolean>,
  { timeoutMs: 8_000 },
);

describe('x', () => {
  it('y', () => expect(result.tests.size).toBeGreaterThan(0));
});
