import { randomUUID } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { link, open, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';

export interface WriteOptions {
  /** The mode of a new file; default 0o666. The umask applies. */
  readonly mode?: number;
  /** False: an existing file is left unchanged. */
  readonly replace?: boolean;
}

type Content = string | Uint8Array;

const draftName = /\.[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\.draft$/;
const draftOf = (path: string): string => `${path}.${randomUUID()}.draft`;

/**
 * Writes a file atomically: after a crash it is on disk with its whole content or not at all. Resolves with whether the file
 * was written: false only if `replace` is false and the file already exists.
 */
export async function writeWhole(
  path: string,
  content: Content,
  { mode = 0o666, replace = true }: WriteOptions = {},
): Promise<boolean> {
  const draft = draftOf(path);
  try {
    const file = await open(draft, 'wx', mode);
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    if (replace) await rename(draft, path);
    // Unlike a rename, a link fails if the file exists.
    else await link(draft, path);
    syncFolder(dirname(path));
    return true;
  } catch (error) {
    if (!replace && isCode(error, 'EEXIST')) return false;
    throw error;
  } finally {
    await rm(draft, { force: true });
  }
}

/** Like `writeWhole`, for callers that cannot wait. */
export function writeWholeSync(
  path: string,
  content: Content,
  { mode = 0o666, replace = true }: WriteOptions = {},
): boolean {
  const draft = draftOf(path);
  try {
    const file = openSync(draft, 'wx', mode);
    try {
      writeFileSync(file, content);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    if (replace) renameSync(draft, path);
    else linkSync(draft, path);
    syncFolder(dirname(path));
    return true;
  } catch (error) {
    if (!replace && isCode(error, 'EEXIST')) return false;
    throw error;
  } finally {
    rmSync(draft, { force: true });
  }
}

/** Renames a file or folder to `to` after everything in it is on disk. */
export function moveWhole(from: string, to: string): void {
  syncBelow(from);
  renameSync(from, to);
  syncFolder(dirname(to));
}

/** Removes the drafts that killed writers left in a folder. Call it only while no other process writes there. */
export function removeDrafts(folder: string): void {
  if (!existsSync(folder)) return;
  for (const name of readdirSync(folder)) {
    if (draftName.test(name)) rmSync(join(folder, name), { force: true });
  }
}

/**
 * Makes a folder and its parents, and syncs them to disk. Node's own recursive `mkdir` never returns on a file
 * system that cannot create folders (/proc).
 */
export function makeFolder(folder: string, mode = 0o777): void {
  if (existsSync(folder)) return;
  const parent = dirname(folder);
  if (parent !== folder) makeFolder(parent);
  try {
    mkdirSync(folder, mode);
  } catch (error) {
    // Another process may have created it meanwhile.
    if (!isCode(error, 'EEXIST') || !existsSync(folder)) throw error;
  }
  syncFolder(parent);
}

/** Syncs the names in a folder to disk, if its file system supports that. */
export function syncFolder(folder: string): void {
  try {
    sync(folder);
  } catch (error) {
    if (!unable.some((code) => isCode(error, code))) throw error;
  }
}

/** The error codes of file systems and platforms that cannot sync folders. */
const unable = ['EINVAL', 'ENOTSUP', 'EPERM', 'EISDIR', 'EACCES'];

function syncBelow(path: string): void {
  if (statSync(path).isDirectory()) {
    for (const name of readdirSync(path)) syncBelow(join(path, name));
    syncFolder(path);
  } else sync(path);
}

function sync(path: string): void {
  const opened = openSync(path, 'r');
  try {
    fsyncSync(opened);
  } finally {
    closeSync(opened);
  }
}

const isCode = (error: unknown, code: string): boolean =>
  (error as { code?: unknown } | null)?.code === code;
