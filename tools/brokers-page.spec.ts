import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
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

describe('the features in use in docs/brokers.md', () => {
  const rows = featureRows(read('docs/brokers.md'));

  it('are those of every broker', () => {
    expect(new Set(rows.map(([broker]) => broker))).toContain('RabbitMQ');
    expect(rows.filter((cells) => cells.length !== 4)).toEqual([]);
  });

  it('each name a place', () => {
    expect(rows.filter(([, , place = '']) => place === '')).toEqual([]);
  });

  it('each link a test on a real broker by its name', () => {
    const wrong = rows.flatMap(([broker, feature, , test = '']) => {
      const links = [...test.matchAll(/\[([^\]]+)\]\(\.\.\/([^)]+)\)/g)];
      const bad = links.filter(([, name = '', file = '']) => !isTestOfBroker(file, name));
      return links.length === 0 || bad.length > 0 ? [`${broker}: ${feature}`] : [];
    });
    expect(wrong).toEqual([]);
  });
});

/** The cells of each row of the table. */
function featureRows(page: string): readonly string[][] {
  const [, section = ''] = page.split('\n## Features in use\n');
  const [, ...rows] = (section.split('\n## ')[0] ?? '')
    .split('\n')
    .filter((line) => line.startsWith('| '));
  return rows.map((row) =>
    row
      .slice(1, -1)
      .split(' | ')
      .map((cell) => cell.trim()),
  );
}

const isTestOfBroker = (file: string, name: string): boolean =>
  /\.(broker\.spec|e2e\.spec|tests)\.ts$/.test(file) &&
  [...read(file).matchAll(/(?<=[\s([])(['`"])(.+)\1/g)].some(([, , title = '']) =>
    isTitle(title, name),
  );

/** A title that is a template stands for each of its values. */
const isTitle = (title: string, name: string): boolean => {
  const parts = title.split(/\$\{[^}]*\}/);
  const fits = name.startsWith(parts[0] ?? '') && name.endsWith(parts.at(-1) ?? '');
  return parts.length === 1
    ? title === name
    : fits && parts.join('').length > 10 && parts.every((part) => name.includes(part));
};
