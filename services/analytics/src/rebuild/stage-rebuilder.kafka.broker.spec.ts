import { randomBytes } from 'node:crypto';
import { describe } from '@jest/globals';
import { kafkaBroker } from '@waybill/kafka';
import { stageRebuildTests } from '../testing/stage-rebuild.tests.ts';

describe('on Kafka, an operator', () => {
  stageRebuildTests(() => {
    const brokers = process.env['KAFKA_BROKERS'] ?? '';
    const namespace = `test-${randomBytes(5).toString('hex')}`;
    return kafkaBroker({ service: 'analytics', brokers, namespace });
  });
});
