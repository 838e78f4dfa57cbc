import { readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { setTimeout as pause } from 'node:timers/promises';
import { isRunning, type ProcessRecord, recordOf } from './process-record.ts';

/** Another process holds the lock of the folder. */
export class FolderInUse extends Error {
  readonly code = 'folder_in_use';
  constructor(
    readonly folder: string,
    readonly pid: number,
  ) {
    super(`${folder} is in use by process ${pid}`);
    this.name = 'FolderInUse';
  }
}

/** How many milliseconds to wait. */
export interface LockPatience {
  /** For a process that holds the lock; default 1,500, because a killed process needs a moment to end. */
  readonly owner?: number;
  /** For processes that request the lock at the same time; default 5,000. */
  readonly claimants?: number;
}

const lookAgainAfter = 30;
const claimName = /^lock\.(\d+)-(.*)-\d+$/;
let claims = 0;

/**
 * Gives one process at a time a folder; the file `lock` in it names the process. The lock of an ended process is taken over.
 *
 * A process first writes a claim, a file that names the process, and takes the lock by renaming the claim while there is no
 * other claim. Of two processes, at least the later one sees the other's claim or the new lock. The claim of an ended process
 * can be removed safely, because claim names are unique.
 */
export class FolderLock {
  private constructor(
    private readonly file: string,
    private readonly text: string,
  ) {}

  /** Throws `FolderInUse` if another process still holds or claims the folder when the time of `patience` is over. */
  static async take(
    folder: string,
    { owner = 1_500, claimants = 5_000 }: LockPatience = {},
  ): Promise<FolderLock> {
    const file = join(folder, 'lock');
    const me = recordOf('lock', process.pid) as ProcessRecord;
    const began = performance.now();
    for (;;) {
      const found = ownerOf(file);
      const rival = found ?? claimantsOf(folder)[0] ?? tryToTake(folder, file, me);
      if (!rival) return new FolderLock(file, textOf(me));
      if (performance.now() - began > (found ? owner : claimants)) {
        throw new FolderInUse(folder, rival.pid);
      }
      await pause(lookAgainAfter * (1 + Math.random()));
    }
  }

  /** False when the lock file was removed or replaced by something else. */
  get isHeld(): boolean {
    return textIn(this.file) === this.text;
  }

  /** Releases the folder for the next process. */
  release(): void {
    if (this.isHeld) rmSync(this.file, { force: true });
  }
}

/** Undefined when the lock was taken; otherwise the process that was first, and nothing has changed. */
function tryToTake(folder: string, file: string, me: ProcessRecord): ProcessRecord | undefined {
  claims += 1;
  const claim = join(folder, `lock.${me.pid}-${encodeURIComponent(me.began)}-${claims}`);
  // Not synced, because after a power cut no process holds the lock.
  writeFileSync(claim, textOf(me), { flag: 'wx' });
  try {
    const rival = claimantsOf(folder, claim)[0] ?? ownerOf(file);
    if (rival) return rival;
    renameSync(claim, file);
    return undefined;
  } finally {
    rmSync(claim, { force: true });
  }
}

/** Running processes that claim the folder; removes the claims of ended processes. */
function claimantsOf(folder: string, mine?: string): ProcessRecord[] {
  return readdirSync(folder).flatMap((name) => {
    const [, pid, began = ''] = claimName.exec(name) ?? [];
    const claim = join(folder, name);
    if (pid === undefined || claim === mine) return [];
    const claimant = { name: 'lock', pid: Number(pid), began: decodeURIComponent(began) };
    if (isRunning(claimant)) return [claimant];
    rmSync(claim, { force: true });
    return [];
  });
}

/** The running process that holds the lock. A lock that no process wrote, such as an empty file, has no owner. */
function ownerOf(file: string): ProcessRecord | undefined {
  const [pid = '', began = ''] = textIn(file).split('\n');
  const owner = { name: 'lock', pid: Number(pid), began };
  return isRunning(owner) ? owner : undefined;
}

function textIn(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw error;
  }
}

const textOf = ({ pid, began }: ProcessRecord): string => `${pid}\n${began}\n`;
