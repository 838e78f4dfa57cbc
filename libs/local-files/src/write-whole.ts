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
  /** Of a file that is made; default 0o666. The umask applies. */
  readonly mode?: number;
  /** False: a file that is there already is left as it is. */
  readonly replace?: boolean;
}

type Content = string | Uint8Array;

const draftName = /\.[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\.draft$/;
const draftOf = (path: string): string => `${path}.${randomUUID()}.draft`;

/**
 * Writes a file so that it is on disk with all its content or not at all, whatever crashes. Answers whether it was
 * written: always, unless `replace` is false and another process was quicker.
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
    // A link, unlike a rename, fails where a file is.
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

/** As `writeWhole`, for callers that cannot wait. */
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

/** Gives a file or folder that was made beside its place the name `to`, when all that is in it is on disk. */
export function moveWhole(from: string, to: string): void {
  syncBelow(from);
  renameSync(from, to);
  syncFolder(dirname(to));
}

/** Removes what writers that were killed left in a folder. Call it only while nobody else writes there. */
export function removeDrafts(folder: string): void {
  if (!existsSync(folder)) return;
  for (const name of readdirSync(folder)) {
    if (draftName.test(name)) rmSync(join(folder, name), { force: true });
  }
}

/**
 * Makes a folder and its parents, so that they are on disk. Node's own recursive `mkdir` never returns where a file
 * system has no folders to make (/proc).
 */
export function makeFolder(folder: string, mode = 0o777): void {
  if (existsSync(folder)) return;
  const parent = dirname(folder);
  if (parent !== folder) makeFolder(parent);
  try {
    mkdirSync(folder, mode);
  } catch (error) {
    // Another process may have made it meanwhile.
    if (!isCode(error, 'EEXIST') || !existsSync(folder)) throw error;
  }
  syncFolder(parent);
}

/** The names in a folder are on disk, where its file system can promise that. */
export function syncFolder(folder: string): void {
  try {
    sync(folder);
  } catch (error) {
    if (!unable.some((code) => isCode(error, code))) throw error;
  }
}

/** What file systems and platforms answer that sync no folders. */
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
