import type { BlobStore } from '@waybill/messaging';
import { FolderBlobs } from './folder-blobs.ts';
import { S3Blobs, type S3BlobsOptions } from './s3-blobs.ts';

const s3 = /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:\/(.*))?$/;

/**
 * The blob store named by the setting `BLOBS`: `s3://bucket/prefix`, or a folder. Throws a `TypeError` with the name of
 * the setting if it is empty or has another scheme.
 */
export function blobsFrom(setting: string, at: Omit<S3BlobsOptions, 'bucket'> = {}): BlobStore {
  const [, bucket, prefix] = s3.exec(setting) ?? [];
  if (bucket) return new S3Blobs({ ...at, bucket, ...(prefix ? { prefix: `${prefix}/` } : {}) });
  if (setting === '' || /^[a-z0-9+.-]+:\/\//i.test(setting)) {
    throw new TypeError('BLOBS is neither a folder nor an address such as s3://bucket/prefix');
  }
  return new FolderBlobs(setting);
}
