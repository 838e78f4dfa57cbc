import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import process from 'node:process';
import { setTimeout as pause } from 'node:timers/promises';

/** A process that was started, told from a later one with the same id by when it began. */
export interface ProcessRecord {
  readonly name: string;
  readonly pid: number;
  /** When it began, in whatever words this system has for it. */
  readonly began: string;
}

/** Which signal, and for how many milliseconds to wait for the end after it. */
export type Patience = readonly [NodeJS.Signals, number];

const hasProc = existsSync('/proc/self/stat');

/** Remembers a process that runs; undefined when it has ended already. */
export function recordOf(name: string, pid: number): ProcessRecord | undefined {
  const began = beganAt(pid);
  return began === undefined ? undefined : { name, pid, began };
}

/** True while that very process runs; one that has ended and that nobody waits for does not. */
export const isRunning = ({ pid, began }: ProcessRecord): boolean => beganAt(pid) === began;

/** Sends each signal in turn until the process has ended; throws when it outlives all of them. */
export async function end(record: ProcessRecord, signals: readonly Patience[]): Promise<void> {
  for (const [signal, patience] of signals) {
    if (!isRunning(record)) return;
    signalTo(record, signal);
    // A frozen process would not hear it.
    signalTo(record, 'SIGCONT');
    const deadline = performance.now() + patience;
    while (isRunning(record) && performance.now() < deadline) await pause(20);
  }
  if (isRunning(record)) throw new Error(`${record.name} (process ${record.pid}) does not end`);
}

/** Sends a signal if that very process still runs. */
export function signalTo(record: ProcessRecord, signal: NodeJS.Signals): void {
  if (!isRunning(record)) return;
  try {
    process.kill(record.pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

function beganAt(pid: number): string | undefined {
  if (!Number.isInteger(pid) || pid <= 1) return undefined;
  return hasProc ? beganByProc(pid) : beganByPs(pid);
}

function beganByProc(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? undefined : fields[19];
  } catch {
    return undefined;
  }
}

function beganByPs(pid: number): string | undefined {
  try {
    const line = execFileSync('ps', ['-p', String(pid), '-o', 'state=,lstart='], {
      encoding: 'utf8',
      env: { LC_ALL: 'C', PATH: '/bin:/usr/bin' },
      stdio: 'pipe',
    }).trim();
    return line === '' || line.startsWith('Z') ? undefined : line.replace(/^\S+\s+/, '');
  } catch {
    return undefined;
  }
}
