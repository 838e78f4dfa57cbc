import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  statfsSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import process from 'node:process';

/** What this release writes into its data folder; a folder of another format is refused, never changed. */
const format = 'waybill-data-1';
const minimumFree = 256 * 1024 * 1024;

/** The data folder cannot be used; the message is one line that says what to do. */
export class UnusableDataFolder extends Error {
  readonly code = 'unusable_data_folder';
}

/** The folder with all durable data of one system. One process at a time owns it. */
export class DataFolder {
  private constructor(
    readonly path: string,
    private readonly lock: string,
  ) {}

  /** Creates or opens the folder and locks it; throws `UnusableDataFolder`. A lock of a dead process is taken over. */
  static open(path: string): DataFolder {
    const folder = resolve(path);
    try {
      makeFolder(folder);
    } catch (error) {
      throw new UnusableDataFolder(
        `cannot create the data folder ${folder}: ${(error as Error).message}`,
      );
    }
    checkSpace(folder);
    checkFormat(folder);
    return new DataFolder(folder, takeLock(folder));
  }

  file(...names: readonly string[]): string {
    return join(this.path, ...names);
  }

  /** Lets the next process have the folder. */
  release(): void {
    rmSync(this.lock, { force: true });
  }
}

/** Parents first. Node's own recursive `mkdir` never returns where a file system has no folders to make (/proc). */
function makeFolder(folder: string): void {
  if (existsSync(folder)) return;
  const parent = dirname(folder);
  if (parent !== folder) makeFolder(parent);
  mkdirSync(folder);
}

function checkSpace(folder: string): void {
  const { bavail, bsize } = statfsSync(folder);
  const free = bavail * bsize;
  if (free >= minimumFree) return;
  throw new UnusableDataFolder(
    `no disk space: ${folder} has ${Math.round(free / 1048576)} MB free and needs ${minimumFree / 1048576} MB`,
  );
}

function checkFormat(folder: string): void {
  const file = join(folder, 'format');
  if (!existsSync(file)) {
    writeFileSync(file, `${format}\n`);
    return;
  }
  const found = readFileSync(file, 'utf8').trim();
  if (found === format) return;
  throw new UnusableDataFolder(
    `${folder} holds data of another version (${found}, this release writes ${format}); choose another folder by WAYBILL_DATA`,
  );
}

function takeLock(folder: string): string {
  const lock = join(folder, 'lock');
  for (let tries = 0; tries < 2; tries += 1) {
    try {
      const file = openSync(lock, 'wx');
      writeSync(file, `${process.pid}\n${startOf(process.pid) ?? ''}\n`);
      closeSync(file);
      return lock;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      const [pid = '', started = ''] = readFileSync(lock, 'utf8').split('\n');
      if (isAlive(Number(pid), started)) {
        throw new UnusableDataFolder(
          `${folder} is in use by process ${pid}; stop it, or choose another folder by WAYBILL_DATA`,
        );
      }
      rmSync(lock, { force: true });
    }
  }
  throw new UnusableDataFolder(
    `${lock} cannot be taken: another process took it at the same moment`,
  );
}

/** A process id alone is not enough: after a restart of the machine another process may have it. */
function isAlive(pid: number, started: string): boolean {
  if (!Number.isInteger(pid) || pid <= 0 || pid === process.pid) return false;
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
  return started === '' || startOf(pid) === started;
}

/** When a process started, in the units of its kernel; undefined where there is no /proc. */
function startOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    return undefined;
  }
}
