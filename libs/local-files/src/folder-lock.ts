import { readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { setTimeout as pause } from 'node:timers/promises';
import { isRunning, type ProcessRecord, recordOf } from './process-record.ts';

/** Another process has the folder. */
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

/** For how many milliseconds to wait. */
export interface LockPatience {
  /** For a process that has the folder; default 1,500: one that was killed needs a moment to end. */
  readonly owner?: number;
  /** For processes that want it at the same moment; default 5,000. */
  readonly claimants?: number;
}

const lookAgainAfter = 30;
const claimName = /^lock\.(\d+)-(.*)-\d+$/;
let claims = 0;

/**
 * One process at a time has a folder; the file `lock` in it says which. A lock of a process that has ended is taken over.
 *
 * Whoever wants the lock first puts a claim beside it, a file that names its process, and takes the lock by renaming the
 * claim while there is no other. Of two, at least the later one sees the other's claim or the new lock. A claim of a
 * process that has ended can be removed, because its name comes only once.
 */
export class FolderLock {
  private constructor(
    private readonly file: string,
    private readonly text: string,
  ) {}

  /** Throws `FolderInUse` when another process still has the folder, or claims it, after what `patience` says. */
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

  /** False when the lock was removed or replaced behind our back. */
  get isHeld(): boolean {
    return textIn(this.file) === this.text;
  }

  /** Lets the next process have the folder. */
  release(): void {
    if (this.isHeld) rmSync(this.file, { force: true });
  }
}

/** Undefined when it was taken; else who was quicker, and then nothing has changed. */
function tryToTake(folder: string, file: string, me: ProcessRecord): ProcessRecord | undefined {
  claims += 1;
  const claim = join(folder, `lock.${me.pid}-${encodeURIComponent(me.began)}-${claims}`);
  // Not synced: after a power cut no process has it.
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

/** Processes that claim the folder and run; removes the claims of those that have ended. */
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

/** The process that has the lock and runs. A lock that no process wrote, such as an empty one, is nobody's. */
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
