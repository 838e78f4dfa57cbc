import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { setTimeout as pause } from 'node:timers/promises';

/** What the file `postmaster.pid` of a data folder says of its server. */
export interface Postmaster {
  readonly pid: number;
  readonly port: number;
  readonly ready: boolean;
}

const pidFile = (dataDir: string): string => join(dataDir, 'postmaster.pid');

/** Reads the file as it is; its process may be gone. */
export function readPostmaster(dataDir: string): Postmaster | undefined {
  if (!existsSync(pidFile(dataDir))) return undefined;
  const lines = readFileSync(pidFile(dataDir), 'utf8').split('\n');
  const pid = Number(lines[0]);
  if (!Number.isInteger(pid) || pid <= 0) return undefined;
  return { pid, port: Number(lines[3] ?? 0), ready: lines[7]?.trim() === 'ready' };
}

/** The server that runs on `dataDir`, left by a process that was killed; removes a file that names none. */
export function runningPostmaster(dataDir: string): Postmaster | undefined {
  const found = readPostmaster(dataDir);
  if (found && isAlive(found.pid) && isServerOf(found.pid, dataDir)) return found;
  rmSync(pidFile(dataDir), { force: true });
  return undefined;
}

/** True while a process with this id runs. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  return !isZombie(pid);
}

/** Ended, but its parent does not ask: usual in containers whose first process reaps nobody. */
function isZombie(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).startsWith('Z');
  } catch {
    return false;
  }
}

/** Process ids are used again, so the id alone does not prove that it is our server. */
function isServerOf(pid: number, dataDir: string): boolean {
  if (process.platform === 'win32') return true;
  try {
    const command = existsSync('/proc/self/cmdline')
      ? readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')
      : execFileSync('ps', ['-p', String(pid), '-o', 'command='], { encoding: 'utf8' });
    return command.includes('postgres') && command.includes(dataDir);
  } catch {
    return false;
  }
}

/** Ends a server: connections are cut and a checkpoint is written; after ten seconds without the checkpoint. */
export async function stopPostmaster(pid: number): Promise<void> {
  const signals = [
    ['SIGINT', 10_000],
    ['SIGQUIT', 5_000],
    ['SIGKILL', 5_000],
  ] as const;
  for (const [signal, patience] of signals) {
    if (!isAlive(pid)) return;
    process.kill(pid, signal);
    const deadline = performance.now() + patience;
    while (isAlive(pid) && performance.now() < deadline) await pause(10);
  }
  if (isAlive(pid)) throw new Error(`PostgreSQL (process ${pid}) does not end`);
}

/** Ends a server as a crash would, but for its processes: all of them go. */
export function abandonPostmaster(pid: number): void {
  try {
    process.kill(pid, 'SIGQUIT');
  } catch {
    // It has ended.
  }
}
