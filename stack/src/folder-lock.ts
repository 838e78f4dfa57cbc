import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { setTimeout as pause } from 'node:timers/promises';
import { isRunning, type ProcessRecord, recordOf } from './process-record.ts';

const patience = 120_000;

/** Does `work` while no other process changes the stack in `folder`; waits for one that does, up to two minutes. */
export async function whileLocked<T>(folder: string, work: () => Promise<T>): Promise<T> {
  mkdirSync(folder, { recursive: true });
  const lock = join(folder, 'lock');
  await take(lock);
  const release = (): void => rmSync(lock, { force: true });
  process.once('exit', release);
  try {
    return await work();
  } finally {
    process.off('exit', release);
    release();
  }
}

async function take(lock: string): Promise<void> {
  const deadline = performance.now() + patience;
  const mine = JSON.stringify(recordOf('stack', process.pid));
  for (;;) {
    try {
      return writeFileSync(lock, mine, { flag: 'wx' });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const owner = ownerOf(lock);
    if (!owner || !isRunning(owner)) rmSync(lock, { force: true });
    else if (performance.now() > deadline) {
      throw new Error(`process ${owner.pid} is changing this stack; ${lock} says so`);
    } else await pause(100);
  }
}

function ownerOf(lock: string): ProcessRecord | undefined {
  try {
    return JSON.parse(readFileSync(lock, 'utf8')) as ProcessRecord;
  } catch {
    return undefined;
  }
}
