export { FolderInUse, FolderLock, type LockPatience } from './folder-lock.ts';
export {
  end,
  isRunning,
  type Patience,
  type ProcessRecord,
  recordOf,
  signalTo,
} from './process-record.ts';
export { readWhole, UnreadableFile } from './read-whole.ts';
export {
  makeFolder,
  moveWhole,
  removeDrafts,
  syncFolder,
  writeWhole,
  writeWholeSync,
} from './write-whole.ts';
