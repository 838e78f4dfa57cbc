import { expect, it } from '@jest/globals';
import { costTable } from './cost-table.ts';
import { activityBetween } from './statements.ts';

const statement = { database: 'waybill_order', calls: 50, rows: 200, walBytes: 10_000 };
const rows = { inserted: 10, updated: 20, hot: 5, deleted: 0 };

it('tells all costs by order', () => {
  const lines = costTable({
    title: 'embedded, in-process, one',
    orders: 100,
    perSecond: 200,
    refusedPosts: 50,
    cpu: { node: 0.3, postgres: 0.2, bench: 0.1 },
    profiled: 'node',
    functions: [
      { name: 'writev', place: '', phase: 'pg driver', microseconds: 75 },
      { name: 'decide', place: 'a.ts:1', phase: 'decide and saga', microseconds: 25 },
    ],
    statements: [
      { ...statement, text: 'call', topLevel: true, execMicroseconds: 900, planMicroseconds: 100 },
      { ...statement, text: 'in', topLevel: false, execMicroseconds: 500, planMicroseconds: 0 },
      { ...statement, text: 'tiny', topLevel: true, execMicroseconds: 100, planMicroseconds: 0 },
    ],
    tables: activityBetween(
      new Map([['order.orders', rows]]),
      new Map([
        ['order.orders', { inserted: 110, updated: 120, hot: 55, deleted: 100 }],
        ['order.idle', rows],
      ]),
    ),
    walBytes: 3_000_000,
    commits: 40,
  });
  const text = lines.join('\n');
  expect(text).toContain('100 orders at 200/s while being profiled; 0.50 refused POSTs an order');
  expect(text).toContain('node 3,000, postgres 2,000, bench 1,000');
  expect(text).toContain('WAL 30.0 kB an order, 0.40 commits an order');
  expect(text).toMatch(/ 2,250 +75\.0 % {2}pg driver\n +750 +25\.0 % {2}decide and saga/);
  expect(text).toMatch(/750 +25\.0 % {2}decide a\.ts:1 \[decide and saga\]/);
  expect(text).toMatch(/1\.00 +4\.00 +10\.0 +1\.0 +200 {2}= +all statements that were sent/);
  expect(text).toMatch(/0\.50 +2\.00 +5\.0 +0\.0 +100 {2}· order +in/);
  expect(text).not.toContain('tiny');
  expect(text).toMatch(/1\.00 +1\.00 +50\.0 % +1\.00 {2}order\.orders/);
});
