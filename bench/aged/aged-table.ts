import { median } from '../percentile.ts';
import type { AgedFigures, AgeFigures } from './measure-aged.ts';

/** The figures of the empty and of the aged system side by side, as lines. */
export function agedTable({ empty, aged, ...f }: AgedFigures): string[] {
  const row = (
    what: string,
    read: (of: AgeFigures) => number,
    digits: number,
    goal = '',
  ): string => {
    const [before, after] = [read(empty), read(aged)];
    const cells = [before.toFixed(digits), after.toFixed(digits), (after / before).toFixed(2)];
    const shown = cells.map((cell) => cell.padStart(10)).join('');
    return `  ${what.padEnd(44)}${shown}   ${goal && `goal ${goal}`}`.trimEnd();
  };
  const cpu = (name: string) => (of: AgeFigures) =>
    of.cpuMicrosecondsPerOrder?.[name] ?? Number.NaN;
  return [
    `${f.title}: ${f.orders.toLocaleString('en-US')} finished orders, filled in ${Math.round(f.fillSeconds)} s, ${f.gigabytes.toFixed(1)} GB`,
    `  ${''.padEnd(44)}${['empty', 'aged', 'ratio'].map((head) => head.padStart(10)).join('')}`,
    row('completed orders/s', (of) => median(of.completedPerSecond), 0, '≥ 0.90'),
    row('accept → confirmed, unloaded p50 ms', (of) => of.unloadedMs[0], 1),
    row('CPU µs per order: Node', cpu('node'), 0),
    row('CPU µs per order: PostgreSQL', cpu('postgres'), 0),
    row('WAL kB per order', (of) => of.walBytesPerOrder / 1000, 1),
    `  violations of invariants (without the copies) ${f.violations.length}   goal 0`,
    ...f.violations.slice(0, 10).map((violation) => `    ${violation}`),
  ];
}
