import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { end, type ProcessRecord, recordOf, UnreadableFile } from '@waybill/local-files';

/** What the file `postmaster.pid` of a data folder says of its server. */
export interface Postmaster {
  readonly pid: number;
  readonly port: number;
  /** `starting`, `ready`, `stopping`; empty before it says so. */
  readonly state: string;
}

/** A server that runs on a data folder, whoever started it. */
export interface RunningPostmaster extends Postmaster {
  readonly process: ProcessRecord;
}

const remedy = 'remove it when no PostgreSQL runs on its folder';
const pidFile = (dataDir: string): string => join(dataDir, 'postmaster.pid');

/** Reads the file as it is; its process may be gone. Undefined where there is none, or one that names no process. */
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
    // A server that ends removes it.
    if (code === 'ENOENT') return '';
    throw new UnreadableFile(file, `cannot be read (${message})`, remedy, error);
  }
}

/** The server that runs on `dataDir`, by its file. */
export function runningPostmaster(dataDir: string): RunningPostmaster | undefined {
  const found = readPostmaster(dataDir);
  const record = found && recordOf('PostgreSQL', found.pid);
  if (!record || serves(found.pid, dataDir) === false) return undefined;
  return { ...found, process: record };
}

/**
 * Removes a file that names no server: PostgreSQL does not start while the process in it exists, also when that is a
 * stranger or a zombie, and while the file is empty. Only for who has found no `runningPostmaster`.
 */
export function removeStaleFile(dataDir: string): void {
  const isBeingWritten = (): boolean =>
    readPostmaster(dataDir) === undefined && processIds().some((pid) => serves(pid, dataDir));
  if (existsSync(pidFile(dataDir)) && !isBeingWritten()) rmSync(pidFile(dataDir), { force: true });
}

/** Ends a server: connections are cut and a checkpoint is written; after ten seconds without the checkpoint. */
export const stopPostmaster = (server: ProcessRecord): Promise<void> =>
  end(server, [
    ['SIGINT', 10_000],
    ['SIGQUIT', 5_000],
    ['SIGKILL', 5_000],
  ]);

/**
 * Whether a process is the server of `dataDir`; process ids are used again, so the id alone does not prove it. Folders are
 * compared as such, because one folder may have several paths. Undefined when it cannot be known.
 */
function serves(pid: number, dataDir: string): boolean | undefined {
  const command = commandOf(pid);
  if (!command) return undefined;
  if (!/^(.*[/\\])?postgres(\.exe)?(:|$)/.test(command.program)) return false;
  return isSame(`/proc/${pid}/cwd`, dataDir) ?? isSame(command.folder, dataDir);
}

interface Command {
  readonly program: string;
  /** What it was given by `-D`. */
  readonly folder: string | undefined;
}

/** Undefined where it cannot be seen. */
function commandOf(pid: number): Command | undefined {
  try {
    if (existsSync('/proc/self/cmdline')) {
      const [program = '', ...words] = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
      return { program, folder: words[words.indexOf('-D') + 1] };
    }
    const asked = ['-p', String(pid), '-o', 'command='];
    const line = execFileSync('ps', asked, { encoding: 'utf8', stdio: 'pipe' }).trim();
    const [, program = '', folder] = /^(.*?)(?: -D (.*?) -c .*)?$/.exec(line) ?? [];
    return { program, folder };
  } catch {
    return undefined;
  }
}

/** Undefined where one of them cannot be looked at. */
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
