import { readdirSync, readFileSync } from 'node:fs';
import process from 'node:process';

/** A process of the measured system, under the name of its part. */
export interface Part {
  readonly name: string;
  readonly pid: number;
  /** True for a server whose child processes count too. */
  readonly children?: boolean;
}

/** The bench itself, whose customers share the machine with the system. */
export const thisProcess: Part = { name: 'bench', pid: process.pid };

/** False for servers, sandboxes and customers. */
export const isOurs = (name: string): boolean =>
  !/^(postgres|sandboxes|kafka|rabbitmq|sns-sqs|redis|bench)$/.test(name);

/** CPU seconds used so far, by part. */
export type CpuSeconds = Readonly<Record<string, number>>;

const ticksPerSecond = 100;

/** Reads /proc; null without it. Ended children count through their parent; a part that has ended counts 0. */
export function cpuSeconds(parts: readonly Part[]): CpuSeconds | null {
  const all = statistics();
  if (!all) return null;
  const seconds: Record<string, number> = {};
  for (const { name, pid, children = false } of parts) {
    const ticks = children ? withChildren(all, pid) : (all.get(pid)?.own ?? 0);
    seconds[name] = (seconds[name] ?? 0) + ticks / ticksPerSecond;
  }
  return seconds;
}

/** The difference of two readings, by part, times `factor`. */
export const differenceOf = (before: CpuSeconds, after: CpuSeconds, factor = 1): CpuSeconds =>
  Object.fromEntries(
    Object.entries(after).map(([name, seconds]) => [
      name,
      (seconds - (before[name] ?? 0)) * factor,
    ]),
  );

/** Current and peak resident megabytes; null without /proc, or when the process has ended. */
export function megabytesOf(pid: number): { readonly now: number; readonly peak: number } | null {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    const read = (name: string): number =>
      Math.round(Number(new RegExp(`${name}:\\s+(\\d+) kB`).exec(status)?.[1] ?? 0) / 1024);
    return { now: read('VmRSS'), peak: read('VmHWM') };
  } catch {
    return null;
  }
}

interface Statistics {
  readonly parent: number;
  readonly own: number;
  /** Of children that have ended and were reaped. */
  readonly ended: number;
}

function statistics(): ReadonlyMap<number, Statistics> | null {
  try {
    const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
    return new Map(
      pids.flatMap((pid) => {
        const stat = statOf(Number(pid));
        return stat ? [[Number(pid), stat] as const] : [];
      }),
    );
  } catch {
    return null;
  }
}

function withChildren(all: ReadonlyMap<number, Statistics>, pid: number): number {
  const stat = all.get(pid);
  if (!stat) return 0;
  let ticks = stat.own + stat.ended;
  for (const [child, { parent }] of all) if (parent === pid) ticks += withChildren(all, child);
  return ticks;
}

function statOf(pid: number): Statistics | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat
      .slice(stat.lastIndexOf(')') + 2)
      .split(' ')
      .map(Number);
    const at = (i: number): number => fields[i] ?? 0;
    return { parent: at(1), own: at(11) + at(12), ended: at(13) + at(14) };
  } catch {
    return undefined;
  }
}
