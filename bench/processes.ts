import { readdirSync, readFileSync } from 'node:fs';

/** CPU seconds used so far, of node, of the sandboxes, and of PostgreSQL with all its backends. */
export interface CpuSeconds {
  readonly node: number;
  readonly sandboxes: number;
  readonly postgres: number;
}

const ticksPerSecond = 100;

/** Reads /proc; null where there is none. Backends that have ended count through their parent. */
export function cpuSeconds(
  node: number,
  sandboxes: readonly number[],
  postmaster: number,
): CpuSeconds | null {
  try {
    const all = readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map(Number);
    const backends = all.filter((pid) => statOf(pid)?.parent === postmaster);
    const sum = (pids: readonly number[]) =>
      pids.reduce((total, pid) => total + (statOf(pid)?.own ?? 0), 0);
    return {
      node: sum([node]) / ticksPerSecond,
      sandboxes: sum(sandboxes) / ticksPerSecond,
      postgres:
        (sum([postmaster, ...backends]) + (statOf(postmaster)?.children ?? 0)) / ticksPerSecond,
    };
  } catch {
    return null;
  }
}

/** The largest resident size that a process ever had, in MB; null without /proc. */
export function peakMegabytes(pid: number): number | null {
  try {
    const line = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
    return line ? Math.round(Number(line[1]) / 1024) : null;
  } catch {
    return null;
  }
}

function statOf(pid: number): { parent: number; own: number; children: number } | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat
      .slice(stat.lastIndexOf(')') + 2)
      .split(' ')
      .map(Number);
    const at = (i: number): number => fields[i] ?? 0;
    return { parent: at(1), own: at(11) + at(12), children: at(13) + at(14) };
  } catch {
    return undefined;
  }
}
