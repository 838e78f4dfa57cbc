import { readdir, readFile, rm, stat, utimes } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import { makeFolder, writeWhole } from '@waybill/local-files';
import type { BlobStore } from '@waybill/messaging';
import { isReference, placeOf, referenceOf } from './reference.ts';

/** Stores blobs as files of a folder, created on first use. For one machine, or a shared file system. */
export class FolderBlobs implements BlobStore {
  constructor(private readonly folder: string) {}

  async put(bytes: Uint8Array): Promise<string> {
    const reference = referenceOf(bytes);
    const path = join(this.folder, placeOf(reference));
    if (await renewed(path)) return reference;
    makeFolder(dirname(path));
    // A reference must never point to an incomplete file.
    await writeWhole(path, bytes);
    return reference;
  }

  async get(reference: string): Promise<Uint8Array | null> {
    if (!isReference(reference)) return null;
    return readFile(join(this.folder, placeOf(reference))).catch(missing(null));
  }

  async removePutBefore(time: Date): Promise<number> {
    const found = await readdir(this.folder, { recursive: true, withFileTypes: true }).catch(
      missing([]),
    );
    let removed = 0;
    for (const file of found) {
      const path = join(file.parentPath, file.name);
      if (!file.isFile() || !isReference(relative(this.folder, path).replace(sep, ''))) continue;
      const put = await stat(path).catch(missing(null));
      if (!put || put.mtime >= time) continue;
      await rm(path, { force: true });
      removed += 1;
    }
    return removed;
  }
}

/** Whether the file exists; its time is that of the last `put` from now on. */
const renewed = (path: string): Promise<boolean> => {
  const now = new Date();
  return utimes(path, now, now).then(
    () => true,
    () => false,
  );
};

/** The value for what does not exist; other errors are thrown. */
const missing =
  <T>(value: T) =>
  (error: { code?: unknown }): T => {
    if (error.code === 'ENOENT') return value;
    throw error;
  };
