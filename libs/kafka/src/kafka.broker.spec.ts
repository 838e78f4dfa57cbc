import { readFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from '@jest/globals';
import { countsOf, guaranteesTable } from '@waybill/messaging/testing';
import { kafkaConformance } from './testing/kafka-conformance.ts';
import { forgetNamespaces } from './testing/kafka-under-test.ts';

const server = process.env['KAFKA_BROKERS'] ?? '';
afterAll(() => forgetNamespaces(server), 30_000);

const result = kafkaConformance('kafka', server);

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
