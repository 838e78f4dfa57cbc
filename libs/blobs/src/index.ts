export { blobsFrom } from './blobs-from.ts';
export { FolderBlobs } from './folder-blobs.ts';
export { S3Blobs, type S3BlobsOptions } from './s3-blobs.ts';
