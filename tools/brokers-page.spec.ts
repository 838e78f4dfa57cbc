import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { type ConformanceCounts, guaranteesTable, resultOf } from '@waybill/messaging/testing';
import { root } from './repository.ts';

const read = (file: string): string => readFileSync(join(root, file), 'utf8');

it('docs/brokers.md has the promises of all real brokers in one table, as their suites have counted them', () => {
  const results = ['kafka', 'rabbitmq', 'sns-sqs', 'redis'].flatMap((name) => {
    const counts = JSON.parse(read(`libs/brokers/${name}/conformance.json`)) as
      | ConformanceCounts
      | ConformanceCounts[];
    return [counts].flat().map(resultOf);
  });
  expect(read('docs/brokers.md')).toContain(guaranteesTable(results));
});
