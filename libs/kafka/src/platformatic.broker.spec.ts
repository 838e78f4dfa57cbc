import { afterAll } from '@jest/globals';
import { kafkaConformance } from './testing/kafka-conformance.ts';
import { forgetNamespaces } from './testing/kafka-under-test.ts';

const server = process.env['KAFKA_BROKERS'] ?? '';
afterAll(() => forgetNamespaces(server), 30_000);

kafkaConformance('kafka by @platformatic/kafka', server, { client: 'platformatic' });
