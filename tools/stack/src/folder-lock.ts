import process from 'node:process';
import { FolderInUse, FolderLock, makeFolder, removeDrafts } from '@waybill/local-files';

const patience = 120_000;

/** Runs `work` while no other process changes the stack in `folder`; waits up to two minutes for the lock, then throws. */
export async function whileLocked<T>(folder: string, work: () => Promise<T>): Promise<T> {
  makeFolder(folder);
  const lock = await take(folder);
  const release = (): void => lock.release();
  process.once('exit', release);
  try {
    removeDrafts(folder);
    return await work();
  } finally {
    process.off('exit', release);
    release();
  }
}

async function take(folder: string): Promise<FolderLock> {
  try {
    return await FolderLock.take(folder, { owner: patience, claimants: patience });
  } catch (error) {
    if (!(error instanceof FolderInUse)) throw error;
    throw new Error(`process ${error.pid} is changing the stack in ${folder}`, { cause: error });
  }
}
