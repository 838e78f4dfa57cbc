import { existsSync, realpathSync, statfsSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import {
  FolderInUse,
  FolderLock,
  makeFolder,
  readWhole,
  removeDrafts,
  writeWholeSync,
} from '@waybill/local-files';

/** The format that this release writes; a folder with another format is refused and left unchanged. */
const format = 'waybill-data-1';
const minimumFree = 256 * 1024 * 1024;
const another = 'choose another folder by WAYBILL_DATA';

/** The data folder cannot be used; the message says what to do, in one line. */
export class UnusableDataFolder extends Error {
  readonly code = 'unusable_data_folder';
}

/** The folder with all durable data of one system. One process at a time owns it. */
export class DataFolder {
  private constructor(
    /** The real path of the folder, with links resolved. */
    readonly path: string,
    private lock: FolderLock,
  ) {}

  /** Creates or opens the folder and locks it; throws a one-line error. The lock of an ended process is taken over. */
  static async open(path: string): Promise<DataFolder> {
    const folder = realFolder(resolve(path));
    checkSpace(folder);
    const lock = await lockOf(folder);
    try {
      removeDrafts(folder);
      checkFormat(folder);
      return new DataFolder(folder, lock);
    } catch (error) {
      lock.release();
      throw error;
    }
  }

  file(...names: readonly string[]): string {
    return join(this.path, ...names);
  }

  /** Locks the folder again if its lock was removed; throws if another process holds it now. */
  async holdOn(): Promise<void> {
    if (!this.lock.isHeld) this.lock = await lockOf(this.path);
  }

  /** Releases the folder for the next process. */
  release(): void {
    this.lock.release();
  }
}

function realFolder(path: string): string {
  try {
    makeFolder(path);
    const folder = realpathSync(path);
    if (statSync(folder).isDirectory()) return folder;
  } catch (error) {
    throw new UnusableDataFolder(
      `cannot create the data folder ${path}: ${(error as Error).message}; ${another}`,
    );
  }
  throw new UnusableDataFolder(`the data folder ${path} is a file; ${another}`);
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
  const remedy = `write ${format} into it if this release made the folder, else ${another}`;
  if (!existsSync(file)) writeWholeSync(file, `${format}\n`);
  const found = readWhole(file, (text) => text.trim(), remedy);
  if (found === format) return;
  throw new UnusableDataFolder(
    `${folder} holds data of another version (${found}, this release writes ${format}); ${another}`,
  );
}

async function lockOf(folder: string): Promise<FolderLock> {
  try {
    return await FolderLock.take(folder);
  } catch (error) {
    throw error instanceof FolderInUse
      ? inUse(folder, error.pid)
      : new UnusableDataFolder(
          `cannot write in the data folder ${folder}: ${(error as Error).message}; ${another}`,
        );
  }
}

/** The error of the second of two systems on one folder. */
export const inUse = (folder: string, pid: number | string): UnusableDataFolder =>
  new UnusableDataFolder(`${folder} is in use by process ${pid}; stop it, or ${another}`);
