import { randomUUID } from 'node:crypto';
import { access, mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { BlobStore } from '@waybill/messaging';
import { isReference, placeOf, referenceOf } from './reference.ts';

/** Blobs as files of a folder, which is made when it is first needed. For one machine, or a shared file system. */
export class FolderBlobs implements BlobStore {
  constructor(private readonly folder: string) {}

  async put(bytes: Uint8Array): Promise<string> {
    const reference = referenceOf(bytes);
    const path = join(this.folder, placeOf(reference));
    if (await exists(path)) return reference;
    await mkdir(dirname(path), { recursive: true });
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

/** Under its name a file is whole and on the disk, whatever crashes: a reference to half a file would be a lie. */
async function writeWhole(path: string, bytes: Uint8Array): Promise<void> {
  const draft = `${path}.${randomUUID()}`;
  try {
    const file = await open(draft, 'wx');
    try {
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(draft, path);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );
