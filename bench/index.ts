import { cpus } from 'node:os';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { median } from './percentile.ts';
import { type Figures, measure, type Sizes } from './workload.ts';
import { measureYardsticks, type Yardsticks } from './yardsticks.ts';

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    orders: { type: 'string' },
    rounds: { type: 'string' },
  },
});
const sizes: Sizes = {
  warmUp: values.quick ? 500 : 3_000,
  orders: Number(values.orders ?? (values.quick ? 1_000 : 6_000)),
  rounds: Number(values.rounds ?? (values.quick ? 1 : 3)),
  unloaded: values.quick ? 30 : 200,
  shoppers: 128,
};
const say = (line: string): void => void process.stderr.write(`${line}\n`);

say('measuring this machine');
const before = await measureYardsticks({ orders: sizes.orders * 2, connections: 64 });
const http = await measure('http', sizes, say);
const inProcess = await measure('in-process', sizes, say);
const after = await measureYardsticks({ orders: sizes.orders * 2, connections: 64 });
report(before, after, [inProcess, http]);

function report(first: Yardsticks, second: Yardsticks, all: readonly Figures[]): void {
  const L = (first.bareOrders + second.bareOrders) / 2;
  const C = (first.naiveSteps + second.naiveSteps) / 2;
  const accepts = (first.bareAccepts + second.bareAccepts) / 2;
  const lines = [
    '',
    `Node ${process.version}, ${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}`,
    `fsync ${first.fsyncMicroseconds}–${second.fsyncMicroseconds} µs; C ${n(C)} naive steps/s; L ${n(L)} orders/s of the bare loop ` +
      `(${n(first.bareOrders)} before, ${n(second.bareOrders)} after); ${n(accepts)} bare accepts/s`,
    `${n(sizes.orders)} orders a round, ${sizes.rounds} rounds, ${sizes.shoppers} shoppers; medians`,
  ];
  for (const figures of all) lines.push('', ...section(figures, { L, C, accepts }));
  process.stdout.write(`${lines.join('\n')}\n`);
  if (all.some(({ violations }) => violations.length > 0)) process.exitCode = 1;
}

function section(
  f: Figures,
  { L, C, accepts }: { L: number; C: number; accepts: number },
): string[] {
  const completed = median(f.completedPerSecond);
  const accepted = median(f.acceptedPerSecond);
  const goal = f.sandboxes === 'http' ? 0.33 : 0.65;
  const row = (what: string, value: string, wanted: string) =>
    `  ${what.padEnd(46)}${value.padStart(18)}   ${wanted}`;
  const range = `${n(Math.min(...f.completedPerSecond))}–${n(Math.max(...f.completedPerSecond))}`;
  const cpu = f.cpuMicrosecondsPerOrder;
  return [
    f.sandboxes === 'http'
      ? 'Provider and carriers as HTTP sandboxes (the default)'
      : 'Provider and carriers in process',
    row('completed orders/s', `${n(completed)} (${range})`, ''),
    row('completed ÷ L', (completed / L).toFixed(2), `goal ≥ ${goal}`),
    row('completed ÷ (C ÷ 10)', (completed / (C / 10)).toFixed(2), ''),
    row(
      'accepted POST/s ÷ bare accepts, while completing',
      (accepted / accepts).toFixed(2),
      'goal ≥ 0.80',
    ),
    row('hot product ÷ spread', (f.hotPerSecond / completed).toFixed(2), 'goal ≥ 0.70'),
    row('accept → confirmed, unloaded p50 / p99 ms', pair(f.unloadedMs), 'goal ≤ 10 / 30'),
    row('accept → confirmed, half of peak p50 / p99 ms', pair(f.halfLoadMs), ''),
    row('commits per order', f.commitsPerOrder.toFixed(2), 'goal ≤ 0.5'),
    row(
      'CPU µs per order: node, sandboxes, PostgreSQL',
      cpu ? `${n(cpu.node)}, ${n(cpu.sandboxes)}, ${n(cpu.postgres)}` : 'not known here',
      '',
    ),
    row('largest RSS of all-in-one, MB', String(f.peakMegabytes ?? 'not known here'), 'goal ≤ 350'),
    row('start → first confirmed order, ms', n(f.startToFirstConfirmedMs), 'goal ≤ 2500'),
    row('violations of invariants', String(f.violations.length), 'goal 0'),
    ...f.violations.slice(0, 10).map((violation) => `    ${violation}`),
  ];
}

function n(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}

function pair([p50, p99]: readonly [number, number]): string {
  return `${p50.toFixed(1)} / ${p99.toFixed(1)}`;
}
