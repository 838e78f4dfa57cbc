import type { CpuSeconds } from '../parts.ts';
import { byPhase, type FunctionTime } from './cpu-profile.ts';
import type { Statement, TablesActivity } from './statements.ts';

/** The total costs of the measured orders of one system. */
export interface Costs {
  readonly title: string;
  readonly orders: number;
  readonly perSecond: number;
  readonly refusedPosts: number;
  readonly cpu: CpuSeconds | null;
  /** The name of the profiled process, and its functions. */
  readonly profiled: string;
  readonly functions: readonly FunctionTime[];
  readonly statements: readonly Statement[];
  readonly tables: TablesActivity;
  readonly walBytes: number;
  readonly commits: number;
}

const shownFunctions = 30;
/** Functions below this many microseconds per order are only summed up. */
const shownMicroseconds = 3;

/** All costs per order, as lines. */
export function costTable(costs: Costs): string[] {
  const { orders, cpu, walBytes, commits, refusedPosts } = costs;
  const micros = (seconds: number): string => n((seconds * 1e6) / orders);
  const parts = cpu
    ? Object.entries(cpu).map(([name, seconds]) => `${name} ${micros(seconds)}`)
    : ['not known here'];
  return [
    costs.title,
    `  ${n(orders)} orders at ${n(costs.perSecond)}/s while being profiled; ${(refusedPosts / orders).toFixed(2)} refused POSTs an order`,
    `  CPU µs an order: ${parts.join(', ')}`,
    `  WAL ${(walBytes / orders / 1000).toFixed(1)} kB an order, ${(commits / orders).toFixed(2)} commits an order`,
    ...nodeLines(costs),
    ...statementLines(costs),
    ...tableLines(costs),
  ];
}

/** Samples give only shares, which are applied to the CPU time of the whole process. */
function nodeLines({ functions, profiled, cpu, orders }: Costs): string[] {
  const sampled = functions.reduce((sum, { microseconds }) => sum + microseconds, 0);
  const known = cpu?.[profiled];
  const factor = known === undefined ? 1 / orders : (known * 1e6) / sampled / orders;
  const line = (microseconds: number): string =>
    `  ${n(microseconds * factor).padStart(8)} ${percent(microseconds / sampled)}`;
  return [
    '',
    `Node by phase (${profiled}): µs an order, share`,
    ...byPhase(functions).map(([phase, microseconds]) => `${line(microseconds)}  ${phase}`),
    '',
    `Node by function (${profiled}), the ${shownFunctions} with the most own time: µs an order, share`,
    ...functions
      .slice(0, shownFunctions)
      .map(
        ({ name, place, phase, microseconds }) =>
          `${line(microseconds)}  ${name} ${place} [${phase}]`,
      ),
  ];
}

function statementLines({ statements, orders }: Costs): string[] {
  const all = statements.filter(({ topLevel }) => topLevel);
  const sum = (read: (each: Statement) => number): number =>
    all.reduce((total, each) => total + read(each), 0);
  const total: Omit<Statement, 'topLevel'> = {
    database: '',
    text: 'all statements that were sent',
    calls: sum(({ calls }) => calls),
    rows: sum(({ rows }) => rows),
    execMicroseconds: sum(({ execMicroseconds }) => execMicroseconds),
    planMicroseconds: sum(({ planMicroseconds }) => planMicroseconds),
    walBytes: sum(({ walBytes }) => walBytes),
  };
  const line = (each: Omit<Statement, 'topLevel'>, sign: string): string =>
    [
      '',
      (each.calls / orders).toFixed(2).padStart(7),
      (each.rows / orders).toFixed(2).padStart(7),
      (each.execMicroseconds / orders).toFixed(1).padStart(8),
      (each.planMicroseconds / orders).toFixed(1).padStart(7),
      n(each.walBytes / orders).padStart(8),
      ` ${sign} ${each.database.replace('waybill_', '').padEnd(12)} ${each.text.slice(0, 130)}`,
    ].join(' ');
  return [
    '',
    'PostgreSQL by statement, an order: calls, rows, elapsed µs executed, planned, bytes of WAL (· is inside a function)',
    line(total, '='),
    ...statements
      .filter((each) => each.execMicroseconds + each.planMicroseconds >= shownMicroseconds * orders)
      .map((each) => line(each, each.topLevel ? ' ' : '·')),
  ];
}

function tableLines({ tables, orders }: Costs): string[] {
  const written = [...tables]
    .map(([name, each]) => ({ name, ...each, all: each.inserted + each.updated + each.deleted }))
    .filter(({ all }) => all / orders >= 0.005)
    .sort((a, b) => b.all - a.all);
  const cell = (value: number): string => (value / orders).toFixed(2).padStart(8);
  return [
    '',
    'Rows by table, an order: inserted, updated (of which HOT), deleted',
    ...written.map(
      ({ name, inserted, updated, hot, deleted }) =>
        `  ${cell(inserted)} ${cell(updated)} ${(updated > 0 ? percent(hot / updated) : '').padStart(7)} ${cell(deleted)}  ${name}`,
    ),
  ];
}

const n = (value: number): string => Math.round(value).toLocaleString('en-US');
const percent = (share: number): string => `${(share * 100).toFixed(1)} %`.padStart(7);
