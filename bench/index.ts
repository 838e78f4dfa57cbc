import { cpus } from 'node:os';
import process from 'node:process';
import { benchOptions } from './bench.config.ts';
import { costTable } from './profile/cost-table.ts';
import { profile } from './profile/profile.ts';
import { measureRecovery, type Recovery } from './recovery.ts';
import { sectionOf } from './section.ts';
import { Servers } from './servers.ts';
import type { MeasuredBrokers } from './transports/open-transport.ts';
import { type Figures, measure, type Subject } from './workload.ts';
import { measureYardsticks, type Yardsticks } from './yardsticks.ts';

/** One of the brokers, with what the machine can do over it before and after. */
interface Measured {
  readonly brokers: MeasuredBrokers;
  readonly before: Yardsticks;
  readonly after: Yardsticks;
  readonly all: readonly Figures[];
  readonly recoveries: readonly Recovery[];
}

const { sizes, brokers, sandboxes, layouts, recovery, ...given } = benchOptions(
  process.argv.slice(2),
);
const recoverySubjects = [
  ['payment', 1],
  ['payment', 2],
  ['order', 2],
] as const;
const say = (line: string): void => void process.stderr.write(`${line}\n`);
const n = (value: number): string => Math.round(value).toLocaleString('en-US');

say(`Node ${process.version}, ${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}`);
const servers = await Servers.for(brokers, given.addresses, say);
const { addresses } = servers;
try {
  for (const each of brokers) {
    if (given.profile) await profileOn(each);
    else report(await measureOn(each));
  }
} finally {
  await servers.remove();
}

/** Sandboxes in process, and the embedded broker, live in one process. */
function isPossible({ brokers: on, sandboxes: which, layout }: Subject): boolean {
  return layout === 'one' || (on !== 'embedded' && which === 'http');
}

function subjectsOn(on: MeasuredBrokers): Subject[] {
  return layouts
    .flatMap((layout) =>
      sandboxes.map((each) => ({ brokers: on, sandboxes: each, layout, addresses })),
    )
    .filter(isPossible);
}

async function profileOn(on: MeasuredBrokers): Promise<void> {
  for (const subject of subjectsOn(on)) {
    const costs = await profile(subject, sizes, servers, say);
    process.stdout.write(`${['', ...costTable(costs)].join('\n')}\n`);
  }
}

async function measureOn(on: MeasuredBrokers): Promise<Measured> {
  say(`${on}: measuring this machine`);
  const yardsticks = () =>
    measureYardsticks({ orders: sizes.orders * 2, connections: 64, brokers: on, addresses });
  const before = await yardsticks();
  const all: Figures[] = [];
  for (const subject of subjectsOn(on)) all.push(await measure(subject, sizes, servers, say));
  const after = await yardsticks();
  const recoveries: Recovery[] = [];
  for (const [service, replicas] of recovery && on !== 'embedded' ? recoverySubjects : []) {
    const subject = { brokers: on, sandboxes: 'http', layout: 'processes', addresses } as const;
    recoveries.push(await measureRecovery(subject, service, replicas, say));
  }
  return { brokers: on, before, after, all, recoveries };
}

function report({ brokers: on, before, after, all, recoveries }: Measured): void {
  const mean = (read: (from: Yardsticks) => number) => (read(before) + read(after)) / 2;
  const L =
    before.bareOrders !== null && after.bareOrders !== null
      ? (before.bareOrders + after.bareOrders) / 2
      : null;
  const unit = { L, C: mean((each) => each.naiveSteps), accepts: mean((each) => each.bareAccepts) };
  const loop =
    L === null
      ? 'no bare loop over these brokers'
      : `L ${n(L)} orders/s of the bare loop (${n(before.bareOrders ?? 0)} before, ${n(after.bareOrders ?? 0)} after)`;
  const lines = [
    '',
    `BROKERS=${on}`,
    `fsync ${before.fsyncMicroseconds}–${after.fsyncMicroseconds} µs; C ${n(unit.C)} naive steps/s; ${loop}; ` +
      `${n(unit.accepts)} bare accepts/s`,
    `${n(sizes.orders)} orders a round, ${sizes.rounds} rounds, ${sizes.shoppers} shoppers; medians`,
  ];
  for (const figures of all) lines.push('', ...sectionOf(figures, unit));
  if (recoveries.length > 0) lines.push('', ...recoveryLines(recoveries));
  process.stdout.write(`${lines.join('\n')}\n`);
  if (all.some(({ violations }) => violations.length > 0)) process.exitCode = 1;
}

function recoveryLines(all: readonly Recovery[]): string[] {
  return [
    'kill -9 of a process → next commit of each shard of its service, ms (goal: the first ≤ 1000)',
    ...all.map(
      ({ service, replicas, shardsMs }) =>
        `  ${service}, ${replicas} of it: ${shardsMs.map(n).join(', ')}`,
    ),
  ];
}
