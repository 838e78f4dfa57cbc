import type { Sizes } from './load.ts';
import type { DbosFigures } from './peers/dbos.ts';
import type { Recovery } from './recovery.ts';
import { sectionOf } from './section.ts';
import type { MeasuredBrokers } from './transports/open-transport.ts';
import type { Figures } from './workload.ts';
import type { Yardsticks } from './yardsticks.ts';

/** The figures of one set of brokers, with the yardsticks of the machine before and after. */
export interface Measured {
  readonly brokers: MeasuredBrokers;
  /** Whether the services favour latency or throughput, as `PROFILE` sets it. */
  readonly profile: string;
  readonly before: Yardsticks;
  readonly after: Yardsticks;
  /** Null when it was not measured. */
  readonly dbos: DbosFigures | null;
  readonly all: readonly Figures[];
  readonly recoveries: readonly Recovery[];
}

/** The report as lines. */
export function reportOf(
  { brokers, profile, before, after, dbos, all, recoveries }: Measured,
  sizes: Sizes,
): string[] {
  const mean = (read: (from: Yardsticks) => number | null): number | null => {
    const [first, last] = [read(before), read(after)];
    return first === null || last === null ? null : (first + last) / 2;
  };
  const L = mean((each) => each.bareOrders);
  const bareOrderMs = mean((each) => each.bareOrderMs);
  const C = mean((each) => each.naiveSteps) ?? 0;
  const accepts = mean((each) => each.bareAccepts) ?? 0;
  const unit = { L, bareOrderMs, C, accepts, dbos: dbos?.many.perSecond ?? null };
  const loop =
    L === null
      ? 'no bare loop over these brokers'
      : `L ${n(L)} orders/s of the bare loop with ${sizes.shoppers} in flight (${n(before.bareOrders ?? 0)} before, ` +
        `${n(after.bareOrders ?? 0)} after), p50 ${bareOrderMs?.toFixed(1)} ms with one`;
  return [
    '',
    `BROKERS=${brokers} PROFILE=${profile}`,
    `fsync ${before.fsyncMicroseconds}–${after.fsyncMicroseconds} µs; C ${n(C)} naive steps/s; ${loop}; ${n(accepts)} bare accepts/s`,
    `${n(sizes.orders)} orders a round, ${sizes.rounds} rounds after ${n(sizes.warmUp)} to warm up, ${sizes.shoppers} shoppers; medians`,
    ...(dbos ? [dbosLine(dbos)] : []),
    ...all.flatMap((figures) => ['', ...sectionOf(figures, unit)]),
    ...(recoveries.length > 0 ? ['', ...recoveryLines(recoveries)] : []),
  ];
}

const dbosLine = ({ version, many, single }: DbosFigures): string =>
  `DBOS ${version}, five steps in one process without HTTP: ${n(many.perSecond)} orders/s with 64 in flight, ` +
  `${n(single.perSecond)} orders/s and p50 ${single.p50Ms.toFixed(1)} ms with one`;

function recoveryLines(all: readonly Recovery[]): string[] {
  return [
    'kill -9 of a process → next commit of each partition of its service, ms (goal: the first ≤ 1000)',
    ...all.map(
      ({ service, replicas, partitionsMs }) =>
        `  ${service}, ${replicas} of it: ${partitionsMs.map(n).join(', ')}`,
    ),
  ];
}

const n = (value: number): string => Math.round(value).toLocaleString('en-US');
