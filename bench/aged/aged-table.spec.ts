import { expect, it } from '@jest/globals';
import { agedTable } from './aged-table.ts';
import type { AgeFigures } from './measure-aged.ts';

const figures = (perSecond: number, postgres: number): AgeFigures => ({
  completedPerSecond: [perSecond],
  acceptedPerSecond: [perSecond],
  commitsPerOrder: 0.4,
  walBytesPerOrder: 30_000,
  cpuMicrosecondsPerOrder: { node: 1_500, postgres },
  unloadedMs: [20, 40],
});

it('shows both ages side by side, with the ratio and its goal', () => {
  const lines = agedTable({
    title: 'embedded, http, one',
    orders: 1_000_000,
    fillSeconds: 480.4,
    gigabytes: 15.27,
    empty: figures(400, 1_000),
    aged: figures(380, 1_100),
    violations: ['order: no'],
  }).map((line) => line.replaceAll(/ +/g, ' ').trim());
  expect(lines[0]).toBe('embedded, http, one: 1,000,000 finished orders, filled in 480 s, 15.3 GB');
  expect(lines).toContain('completed orders/s 400 380 0.95 goal ≥ 0.90');
  expect(lines).toContain('CPU µs per order: PostgreSQL 1000 1100 1.10');
  expect(lines).toContain('order: no');
});
