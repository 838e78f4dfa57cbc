import { type CpuSeconds, isOurs } from './parts.ts';
import { median } from './percentile.ts';
import type { Figures } from './workload.ts';

/** The units that a section's figures are compared with. */
export interface Unit {
  /** Orders per second of the bare loop over the same brokers; null without a loop. */
  readonly L: number | null;
  /** Milliseconds of a single order in the bare loop. */
  readonly bareOrderMs: number | null;
  /** Commits per second of one naive step. */
  readonly C: number;
  readonly accepts: number;
  /** Orders per second of DBOS; null when it was not measured. */
  readonly dbos: number | null;
}

const none = '–';

/** The figures of one way to run the system, as lines with their goals; the lines are the same for every way. */
export function sectionOf(f: Figures, { L, bareOrderMs, C, accepts, dbos }: Unit): string[] {
  const completed = median(f.completedPerSecond);
  const accepted = median(f.acceptedPerSecond);
  const [unloaded] = f.unloadedMs;
  const { cpuMicrosecondsPerOrder: cpu, subject } = f;
  const goals = goalsOf(f);
  const range = `${n(Math.min(...f.completedPerSecond))}–${n(Math.max(...f.completedPerSecond))}`;
  return [
    `${titles[subject.sandboxes]}, ${subject.layout === 'one' ? 'one process' : 'a process a service'}`,
    row('completed orders/s', `${n(completed)} (${range})`),
    row('completed ÷ L', ratio(completed, L), goals.L),
    row('completed ÷ DBOS', ratio(completed, dbos), goals.dbos),
    row('completed ÷ (C ÷ 10)', ratio(completed, C / 10)),
    row('accepted POST/s while completing', n(accepted)),
    row('accepted POST/s ÷ bare accepts, while completing', ratio(accepted, accepts)),
    row('accepted POST/s ÷ bare accepts, in bursts', ratio(f.burstPerSecond, accepts), '≥ 0.60'),
    row('accept → confirmed, unloaded p50 / p99 ms', pair(f.unloadedMs)),
    row('unloaded p50 ÷ the bare loop’s', ratio(unloaded, bareOrderMs), '≤ 2.5'),
    row('accept → confirmed, half of peak p50 / p99 ms', pair(f.halfLoadMs)),
    row('CPU µs per order: Node; PostgreSQL', cpu ? ownAndPostgres(cpu) : none, goals.cpu),
    row('CPU µs per order, by process', cpu ? cpuText(cpu) : none),
    row('WAL kB per order', (f.walBytesPerOrder / 1000).toFixed(1), '≤ 30'),
    row('commits per order', f.commitsPerOrder.toFixed(2), '≤ 0.5'),
    row('hot product ÷ spread', ratio(f.hotPerSecond, completed), '≥ 0.70'),
    row('with a kill every 3 s ÷ clean', ratio(f.perSecondWithKills, completed), '≥ 0.60'),
    row(
      'drained after the broker was away ÷ steady',
      ratio(f.drainedPerSecond, completed),
      '≥ 0.90',
    ),
    row('RSS of a process, idle / largest, MB', rssText(f), goals.rss),
    row('idle CPU of our processes, % of a core', f.idleCpu ? idleText(f.idleCpu) : none, '≤ 5'),
    row(
      'relay lag at half of peak, p99 ms',
      f.relayLagMs === null ? none : `≤ ${n(f.relayLagMs)}`,
      '≤ 25',
    ),
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
  const one = sandboxes === 'http' ? '≥ 0.17' : '≥ 0.25';
  return {
    L: layout === 'one' ? one : '≥ 0.20',
    dbos: embedded ? '≥ 6' : '',
    cpu: embedded ? '≤ 1,500; 1,300' : '',
    rss: layout === 'one' ? '≤ 350' : '≤ 120 / 180',
    start: embedded ? '≤ 2,500' : '',
  };
}

const row = (what: string, value: string, goal = ''): string =>
  `  ${what.padEnd(50)}${value.padStart(20)}   ${goal && `goal ${goal}`}`.trimEnd();
const n = (value: number): string => Math.round(value).toLocaleString('en-US');
const pair = ([p50, p99]: readonly [number, number]): string =>
  `${p50.toFixed(1)} / ${p99.toFixed(1)}`;
const ratio = (value: number | null, unit: number | null): string =>
  value === null || unit === null ? none : (value / unit).toFixed(2);

function ownAndPostgres(cpu: CpuSeconds): string {
  const own = Object.entries(cpu).filter(([name]) => isOurs(name));
  return `${n(own.reduce((sum, [, each]) => sum + each, 0))}; ${n(cpu['postgres'] ?? 0)}`;
}

const cpuText = (cpu: CpuSeconds): string =>
  Object.entries(cpu)
    .map(([name, microseconds]) => `${name} ${n(microseconds)}`)
    .join(', ');

function idleText(cpu: CpuSeconds): string {
  const ours = Object.entries(cpu).filter(([name]) => isOurs(name));
  const percent = (cores: number): string => (cores * 100).toFixed(1);
  const all = percent(ours.reduce((sum, [, cores]) => sum + cores, 0));
  return `${all} (${ours.map(([name, cores]) => `${name} ${percent(cores)}`).join(', ')})`;
}

const rssText = ({ megabytes }: Figures): string =>
  Object.entries(megabytes)
    .map(([name, { idle, peak }]) => `${name} ${idle}/${peak}`)
    .join(', ');
