import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import process from 'node:process';
import { setTimeout as pause } from 'node:timers/promises';

/** A process, distinguished from a later one with the same id by its start time. */
export interface ProcessRecord {
  readonly name: string;
  readonly pid: number;
  /** The start time, in the format of this system; empty if the system reports none. */
  readonly began: string;
}

/** A signal, and how many milliseconds to wait for the process to end after it. */
export type Patience = readonly [NodeJS.Signals, number];

const hasProc = existsSync('/proc/self/stat');

/** The record of a running process; undefined when it has already ended. */
export function recordOf(name: string, pid: number): ProcessRecord | undefined {
  const record = { name, pid, began: '' };
  if (!isRunning(record)) return undefined;
  return { ...record, began: look(pid)?.began ?? '' };
}

/** True while this very process runs; false for a zombie. */
export function isRunning({ pid, began }: ProcessRecord): boolean {
  if (!exists(pid)) return false;
  const seen = look(pid);
  // The process may be hidden from this user.
  if (!seen) return true;
  return !seen.ended && (began === '' || seen.began === began);
}

/** Sends each signal in turn until the process has ended; throws if it survives all of them. */
export async function end(record: ProcessRecord, signals: readonly Patience[]): Promise<void> {
  for (const [signal, patience] of signals) {
    if (!isRunning(record)) return;
    signalTo(record, signal);
    // A stopped process would not handle the signal.
    signalTo(record, 'SIGCONT');
    const deadline = performance.now() + patience;
    while (isRunning(record) && performance.now() < deadline) await pause(20);
  }
  if (isRunning(record)) throw new Error(`${record.name} (process ${record.pid}) does not end`);
}

/** Sends a signal if this very process still runs. */
export function signalTo(record: ProcessRecord, signal: NodeJS.Signals): void {
  // PID 1 of a machine or container must not be ended.
  if (record.pid <= 1 || !isRunning(record)) return;
  try {
    process.kill(record.pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

function exists(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

interface Seen {
  readonly began: string;
  /** A zombie. */
  readonly ended: boolean;
}

const look = (pid: number): Seen | undefined => (hasProc ? lookInProc(pid) : runPs(pid));

function lookInProc(pid: number): Seen | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const [state = '', began = '', threads] = [fields[0], fields[19], fields[17]];
    // The first thread may have ended while another thread still writes.
    return { began, ended: /[ZX]/.test(state) && Number(threads) <= 1 };
  } catch {
    return undefined;
  }
}

function runPs(pid: number): Seen | undefined {
  try {
    const line = execFileSync('ps', ['-p', String(pid), '-o', 'state=,lstart='], {
      encoding: 'utf8',
      env: { LC_ALL: 'C', PATH: '/bin:/usr/bin' },
      stdio: 'pipe',
    }).trim();
    if (line === '') return undefined;
    return { began: line.replace(/^\S+\s+/, ''), ended: line.startsWith('Z') };
  } catch {
    return undefined;
  }
}
