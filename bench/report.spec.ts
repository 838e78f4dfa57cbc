import { expect, it } from '@jest/globals';
import type { Sizes } from './load.ts';
import { type Measured, reportOf } from './report.ts';
import type { Figures } from './workload.ts';

const sizes: Sizes = {
  warmUp: 2_500,
  orders: 1_000,
  rounds: 3,
  unloaded: 50,
  idleSeconds: 3,
  shoppers: 128,
  backlog: 0,
};

const figures: Figures = {
  subject: { brokers: 'embedded', sandboxes: 'in-process', layout: 'one', addresses: {} },
  completedPerSecond: [390, 410, 400],
  acceptedPerSecond: [500, 510, 490],
  burstPerSecond: 2_500,
  commitsPerOrder: 0.4,
  walBytesPerOrder: 28_000,
  cpuMicrosecondsPerOrder: { node: 1_400, postgres: 1_200, bench: 300 },
  halfLoadMs: [15, 40],
  relayLagMs: null,
  startToFirstConfirmedMs: 2_000,
  hotPerSecond: 360,
  unloadedMs: [20, 30],
  perSecondWithKills: null,
  drainedPerSecond: null,
  idleCpu: { node: 0.02, postgres: 0.5 },
  megabytes: { node: { idle: 150, peak: 300 } },
  violations: ['stock: one too many'],
};

const yardsticks = {
  fsyncMicroseconds: 50,
  naiveSteps: 5_000,
  bareOrders: 1_500,
  bareOrderMs: 8,
  bareAccepts: 4_000,
};

const measured: Measured = {
  brokers: 'embedded',
  profile: 'latency',
  before: yardsticks,
  after: { ...yardsticks, bareOrders: 1_700 },
  dbos: null,
  all: [figures],
  recoveries: [],
};

const found = (lines: readonly string[], what: string): string =>
  (lines.find((line) => line.trim().startsWith(what)) ?? '').replaceAll(/ +/g, ' ').trim();

it('shows each figure beside its goal, as a ratio to what the machine can do', () => {
  const lines = reportOf(measured, sizes);
  expect(lines).toContain('BROKERS=embedded PROFILE=latency');
  expect(found(lines, 'completed orders/s')).toBe('completed orders/s 400 (390–410)');
  expect(found(lines, 'completed ÷ L')).toBe('completed ÷ L 0.25 goal ≥ 0.25');
  expect(found(lines, 'accepted POST/s ÷ bare accepts, in')).toContain('0.63 goal ≥ 0.60');
  expect(found(lines, 'unloaded p50')).toContain('2.50 goal ≤ 2.5');
  expect(found(lines, 'CPU µs per order: Node')).toContain('1,400; 1,200 goal ≤ 1,500; 1,300');
  expect(found(lines, 'WAL')).toBe('WAL kB per order 28.0 goal ≤ 30');
  expect(found(lines, 'idle CPU')).toContain('2.0 (node 2.0)');
  expect(lines.join('\n')).toContain('L 1,600 orders/s of the bare loop with 128 in flight');
  expect(found(lines, 'violations of invariants')).toBe('violations of invariants 1 goal 0');
  expect(lines).toContain('    stock: one too many');
});

it('compares with DBOS where that was measured', () => {
  expect(found(reportOf(measured, sizes), 'completed ÷ DBOS')).toBe('completed ÷ DBOS – goal ≥ 6');
  const run = { perSecond: 100, p50Ms: 36 };
  const lines = reportOf({ ...measured, dbos: { version: '5', many: run, single: run } }, sizes);
  expect(found(lines, 'completed ÷ DBOS')).toBe('completed ÷ DBOS 4.00 goal ≥ 6');
  expect(lines.join('\n')).toContain(
    'DBOS 5, five steps in one process without HTTP: 100 orders/s',
  );
});

it('shows the same lines for every way to run, with a dash where there is no figure', () => {
  const subject = { ...figures.subject, brokers: 'sns-sqs', layout: 'processes' } as const;
  const other = { ...figures, subject, perSecondWithKills: 300, cpuMicrosecondsPerOrder: null };
  const nowhere = { ...yardsticks, bareOrders: null, bareOrderMs: null };
  const lines = reportOf({ ...measured, before: nowhere, all: [figures, other] }, sizes);
  const rows = lines.filter((line) => line.startsWith('  ')).map((line) => line.slice(0, 52));
  const shown = rows.filter((row) => !row.includes('stock: one too many'));
  expect(shown.slice(0, shown.length / 2)).toEqual(shown.slice(shown.length / 2));
  expect(lines.filter((line) => line.includes('completed ÷ L')).join()).toMatch(/–.*–/);
  expect(found(lines.slice(lines.length / 2), 'with a kill')).toContain('0.75 goal ≥ 0.60');
  expect(lines.join('\n')).toContain('no bare loop over these brokers');
});
