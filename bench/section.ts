import type { CpuSeconds } from './parts.ts';
import { median } from './percentile.ts';
import type { Figures } from './workload.ts';

/** What the figures of a section are compared with. */
export interface Unit {
  /** Orders a second of the bare loop over the same brokers; null where there is none. */
  readonly L: number | null;
  /** Commits a second of one naive step. */
  readonly C: number;
  readonly accepts: number;
}

/** The figures of one way to run the system, as lines with their goals. */
export function sectionOf(f: Figures, { L, C, accepts }: Unit): string[] {
  const completed = median(f.completedPerSecond);
  const accepted = median(f.acceptedPerSecond);
  const { cpuMicrosecondsPerOrder: cpu, subject } = f;
  const goals = goalsOf(f);
  const range = `${n(Math.min(...f.completedPerSecond))}–${n(Math.max(...f.completedPerSecond))}`;
  return [
    `${titles[subject.sandboxes]}, ${subject.layout === 'one' ? 'one process' : 'a process a service'}`,
    row('completed orders/s', `${n(completed)} (${range})`, ''),
    ...(L === null ? [] : [row('completed ÷ L', (completed / L).toFixed(2), goals.L)]),
    row('completed ÷ (C ÷ 10)', (completed / (C / 10)).toFixed(2), ''),
    row('accepted POST/s ÷ bare accepts, while completing', ratio(accepted / accepts), '≥ 0.80'),
    row('hot product ÷ spread', ratio(f.hotPerSecond / completed), '≥ 0.70'),
    row('accept → confirmed, unloaded p50 / p99 ms', pair(f.unloadedMs), goals.unloaded),
    row('accept → confirmed, half of peak p50 / p99 ms', pair(f.halfLoadMs), ''),
    row('commits per order', f.commitsPerOrder.toFixed(2), '≤ 0.5'),
    row('CPU µs per order', cpu ? cpuText(cpu) : 'not known here', ''),
    row('RSS of a process, idle / largest, MB', rssText(f), goals.rss),
    ...(f.idleCpu
      ? [row('idle CPU of our processes, % of a core', idleText(f.idleCpu), '≤ 5')]
      : []),
    ...(f.relayLagMs === null
      ? []
      : [row('relay lag at half of peak, p99 ms', `≤ ${n(f.relayLagMs)}`, '≤ 25')]),
    ...(f.perSecondWithKills === null
      ? []
      : [row('with a kill every 3 s ÷ clean', ratio(f.perSecondWithKills / completed), '≥ 0.60')]),
    row('start → first confirmed order, ms', n(f.startToFirstConfirmedMs), goals.start),
    row('violations of invariants', String(f.violations.length), '0'),
    ...f.violations.slice(0, 10).map((violation) => `    ${violation}`),
  ];
}

const titles = {
  http: 'Provider and carriers as HTTP sandboxes (the default)',
  'in-process': 'Provider and carriers in process',
} as const;

function goalsOf({ subject: { brokers, sandboxes, layout } }: Figures) {
  const embedded = brokers === 'embedded';
  const http = embedded ? '≥ 0.33' : '≥ 0.45';
  return {
    L: sandboxes === 'http' ? http : '≥ 0.65',
    unloaded: embedded ? '≤ 10 / 30' : '≤ 25 / 60',
    rss: layout === 'one' ? '≤ 350' : '≤ 120 / 180',
    start: embedded ? '≤ 2500' : '',
  };
}

const row = (what: string, value: string, goal: string): string =>
  `  ${what.padEnd(50)}${value.padStart(20)}   ${goal && `goal ${goal}`}`;
const n = (value: number): string => Math.round(value).toLocaleString('en-US');
const ratio = (value: number): string => value.toFixed(2);
const pair = ([p50, p99]: readonly [number, number]): string =>
  `${p50.toFixed(1)} / ${p99.toFixed(1)}`;

const cpuText = (cpu: CpuSeconds): string =>
  Object.entries(cpu)
    .map(([name, microseconds]) => `${name} ${n(microseconds)}`)
    .join(', ');

/** Servers and sandboxes are not ours. */
const notOurs = /^(postgres|sandboxes|kafka|rabbitmq|sns-sqs|redis)$/;

function idleText(cpu: CpuSeconds): string {
  const ours = Object.entries(cpu).filter(([name]) => !notOurs.test(name));
  const percent = (cores: number): string => (cores * 100).toFixed(1);
  const all = percent(ours.reduce((sum, [, cores]) => sum + cores, 0));
  return `${all} (${ours.map(([name, cores]) => `${name} ${percent(cores)}`).join(', ')})`;
}

const rssText = ({ megabytes }: Figures): string =>
  Object.entries(megabytes)
    .map(([name, { idle, peak }]) => `${name} ${idle}/${peak}`)
    .join(', ');
