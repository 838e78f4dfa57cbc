import { access, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { makeFolder, writeWhole } from '@waybill/local-files';
import type { BlobStore } from '@waybill/messaging';
import { isReference, placeOf, referenceOf } from './reference.ts';

/** Stores blobs as files of a folder, created on first use. For one machine, or a shared file system. */
export class FolderBlobs implements BlobStore {
  constructor(private readonly folder: string) {}

  async put(bytes: Uint8Array): Promise<string> {
    const reference = referenceOf(bytes);
    const path = join(this.folder, placeOf(reference));
    if (await exists(path)) return reference;
    makeFolder(dirname(path));
    // A reference must never point to an incomplete file.
    await writeWhole(path, bytes);
    return reference;
  }

  async get(reference: string): Promise<Uint8Array | null> {
    if (!isReference(reference)) return null;
    try {
      return await readFile(join(this.folder, placeOf(reference)));
    } catch (error) {
      if ((error as { code?: unknown }).code === 'ENOENT') return null;
      throw error;
    }
  }
}

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );
