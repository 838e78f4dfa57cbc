import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { end, type ProcessRecord, recordOf, UnreadableFile } from '@waybill/local-files';

/** The content of the file `postmaster.pid` of a data folder. */
export interface Postmaster {
  readonly pid: number;
  readonly port: number;
  /** `starting`, `ready`, `stopping`; empty until it is written. */
  readonly state: string;
}

/** A server that runs on a data folder, whichever process started it. */
export interface RunningPostmaster extends Postmaster {
  readonly process: ProcessRecord;
}

const remedy = 'remove it when no PostgreSQL runs on its folder';
const pidFile = (dataDir: string): string => join(dataDir, 'postmaster.pid');

/** Reads the file as it is; its process may have ended. Undefined if there is none, or if it names no process. */
export function readPostmaster(dataDir: string): Postmaster | undefined {
  const lines = textIn(pidFile(dataDir)).split('\n');
  const pid = Number(lines[0]);
  if (!Number.isInteger(pid) || pid <= 0) return undefined;
  return { pid, port: Number(lines[3] ?? 0), state: lines[7]?.trim() ?? '' };
}

function textIn(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    // A server that ends removes the file.
    if (code === 'ENOENT') return '';
    throw new UnreadableFile(file, `cannot be read (${message})`, remedy, error);
  }
}

/** The server that runs on `dataDir`, according to its file. */
export function runningPostmaster(dataDir: string): RunningPostmaster | undefined {
  const found = readPostmaster(dataDir);
  const record = found && recordOf('PostgreSQL', found.pid);
  if (!record || serves(found.pid, dataDir) === false) return undefined;
  return { ...found, process: record };
}

/**
 * Removes a file that names no server. PostgreSQL does not start while the process in it exists, even an unrelated one
 * or a zombie, or while the file is empty. Call only after `runningPostmaster` has found none.
 */
export function removeStaleFile(dataDir: string): void {
  const isBeingWritten = (): boolean =>
    readPostmaster(dataDir) === undefined && processIds().some((pid) => serves(pid, dataDir));
  if (existsSync(pidFile(dataDir)) && !isBeingWritten()) rmSync(pidFile(dataDir), { force: true });
}

/**
 * Ends a server: closes connections and writes a checkpoint; after three seconds, ends it without the checkpoint, and the next start
 * recovers. On a slow disk a checkpoint takes longer than a process may take to stop.
 */
export const stopPostmaster = (server: ProcessRecord): Promise<void> =>
  end(server, [
    ['SIGINT', 3_000],
    ['SIGQUIT', 5_000],
    ['SIGKILL', 5_000],
  ]);

/**
 * Whether a process is the server of `dataDir`; the id alone does not prove it, because process ids are reused.
 * Compares folders by identity, because one folder may have several paths. Undefined if it cannot be determined.
 */
function serves(pid: number, dataDir: string): boolean | undefined {
  const command = commandOf(pid);
  if (!command) return undefined;
  if (!/^(.*[/\\])?postgres(\.exe)?(:|$)/.test(command.program)) return false;
  return isSame(`/proc/${pid}/cwd`, dataDir) ?? isSame(command.folder, dataDir);
}

interface Command {
  readonly program: string;
  /** The value of `-D`. */
  readonly folder: string | undefined;
}

/** Undefined if it cannot be read. */
function commandOf(pid: number): Command | undefined {
  try {
    if (existsSync('/proc/self/cmdline')) {
      const [program = '', ...words] = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
      return { program, folder: words[words.indexOf('-D') + 1] };
    }
    const requested = ['-p', String(pid), '-o', 'command='];
    const line = execFileSync('ps', requested, { encoding: 'utf8', stdio: 'pipe' }).trim();
    const [, program = '', folder] = /^(.*?)(?: -D (.*?) -c .*)?$/.exec(line) ?? [];
    return { program, folder };
  } catch {
    return undefined;
  }
}

/** Undefined if one of them cannot be read. */
function isSame(folder: string | undefined, other: string): boolean | undefined {
  try {
    const [one, two] = [statSync(folder ?? ''), statSync(other)];
    return one.dev === two.dev && one.ino === two.ino;
  } catch {
    return undefined;
  }
}

function processIds(): number[] {
  try {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map(Number);
  } catch {
    return [];
  }
}
