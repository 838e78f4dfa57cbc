import { expect, it } from '@jest/globals';
import { type Carrier, carriers } from './carrier.ts';
import { compareTable } from './compare-table.ts';

const kafka = carriers.find(({ name }) => name === 'kafka') as Carrier;
const clean = { confirmed: 10, lost: 0, duplicated: 2, outOfOrder: 0 };
const comparison = {
  machine: 'Node v20, 2 × x',
  date: '2026-11-30',
  measured: [
    {
      carrier: kafka,
      perSecond: 12_345.6,
      p50Ms: 1.04,
      p99Ms: 9.96,
      consumerKilled: clean,
      serverKilled: null,
    },
  ],
  leftOut: [{ title: 'RabbitMQ', reason: 'rabbitmq-server is not installed' }],
};

it('has a row for each broker, beside what the guides say, all of the same width', () => {
  const lines = compareTable(comparison).filter((line) => line.startsWith('|'));
  const cells = lines.map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
  expect(cells.map(([broker]) => broker)).toEqual([
    'broker',
    expect.any(String),
    'Kafka',
    'RabbitMQ',
    'Pulsar',
  ]);
  expect(cells[2]).toEqual([
    'Kafka',
    'very high',
    'ms',
    'on disk, retained',
    'per partition',
    '12,346',
    '1.0 / 10.0',
    '0, 2, 0 of 10',
    '–',
  ]);
  expect(new Set(lines.map(({ length }) => length)).size).toBe(1);
});

it('says what was left out and why, and still what the guides say of it', () => {
  const lines = compareTable(comparison);
  expect(lines).toContain('- RabbitMQ was left out: rabbitmq-server is not installed.');
  expect(lines.find((line) => line.startsWith('| RabbitMQ'))).toContain('medium to high');
});
