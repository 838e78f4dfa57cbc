import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import type { BlobStore } from '@waybill/messaging';
import { isReference, placeOf, referenceOf } from './reference.ts';

/** Where the bucket is, and how to access it. */
export interface S3BlobsOptions {
  readonly bucket: string;
  /** Prefix of every object key in the bucket; default none. */
  readonly prefix?: string;
  /** Default: `AWS_ENDPOINT_URL_S3` or `AWS_ENDPOINT_URL`, else AWS itself. */
  readonly endpoint?: string;
  /** Default: `AWS_REGION`. */
  readonly region?: string;
  /** Default: what the AWS SDK finds. */
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string };
}

/**
 * Stores blobs as objects of an S3 bucket, which must exist. The bucket removes what is old: give
 * it a lifecycle rule for each prefix whose objects may go.
 */
export class S3Blobs implements BlobStore {
  readonly #client: S3Client;

  constructor(private readonly options: S3BlobsOptions) {
    const { endpoint, region, credentials } = options;
    this.#client = new S3Client({
      // Emulators and most servers of other vendors do not resolve a bucket's own host name.
      forcePathStyle: true,
      ...(endpoint ? { endpoint } : {}),
      ...(region ? { region } : {}),
      ...(credentials ? { credentials } : {}),
      requestHandler: {
        connectionTimeout: 2_000,
        requestTimeout: 10_000,
        throwOnRequestTimeout: true,
      },
    });
  }

  async put(bytes: Uint8Array): Promise<string> {
    const reference = referenceOf(bytes);
    await this.#client.send(
      new PutObjectCommand({
        Bucket: this.options.bucket,
        Key: this.#keyOf(reference),
        Body: bytes,
        ContentLength: bytes.byteLength,
      }),
    );
    return reference;
  }

  async get(reference: string): Promise<Uint8Array | null> {
    if (!isReference(reference)) return null;
    try {
      const found = await this.#client.send(
        new GetObjectCommand({ Bucket: this.options.bucket, Key: this.#keyOf(reference) }),
      );
      return (await found.Body?.transformToByteArray()) ?? new Uint8Array();
    } catch (error) {
      if ((error as { name?: unknown }).name === 'NoSuchKey') return null;
      throw error;
    }
  }

  /** Closes its connections. */
  close(): void {
    this.#client.destroy();
  }

  #keyOf(reference: string): string {
    return `${this.options.prefix ?? ''}${placeOf(reference)}`;
  }
}
