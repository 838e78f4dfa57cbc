import { afterAll } from '@jest/globals';
import { library } from './client/platformatic/library.ts';
import { kafkaConformance } from './testing/kafka-conformance.ts';
import { forgetNamespaces } from './testing/kafka-under-test.ts';

const server = process.env['KAFKA_BROKERS'] ?? '';
// Jest compiles its hundreds of files, which on a busy machine is more than the first test may take.
await library();

afterAll(() => forgetNamespaces(server), 30_000);

kafkaConformance('kafka by @platformatic/kafka', server, { client: 'platformatic' });
