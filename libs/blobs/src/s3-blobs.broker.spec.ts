import { randomUUID } from 'node:crypto';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { S3Blobs } from './s3-blobs.ts';

const at = {
  endpoint: process.env['AWS_ENDPOINT_URL'] ?? 'http://127.0.0.1:4566',
  region: 'eu-central-1',
  credentials: { accessKeyId: 'waybill', secretAccessKey: 'waybill' },
};

describe('a bucket of blobs', () => {
  const bucket = `blobs-${randomUUID()}`;
  const blobs = new S3Blobs({ ...at, bucket, prefix: 'shop/' });
  beforeAll(async () => {
    const client = new S3Client({ ...at, forcePathStyle: true });
    await client.send(new CreateBucketCommand({ Bucket: bucket }));
    client.destroy();
  });
  afterAll(() => blobs.close());

  it('gives back what was put, also one mebibyte and nothing at all', async () => {
    for (const text of ['Grüße \u0000', 'x'.repeat(1024 * 1024), '']) {
      const reference = await blobs.put(Buffer.from(text));
      const found = await blobs.get(reference);
      expect(Buffer.from(found ?? 'nothing').toString() === text).toBe(true);
    }
  });

  it('has nothing under a reference that it does not know, or that is none', async () => {
    expect(await blobs.get('0'.repeat(64))).toBe(null);
    expect(await blobs.get('../other-bucket/secret')).toBe(null);
  });

  it('fails when the bucket is not there or nobody answers', async () => {
    const elsewhere = new S3Blobs({ ...at, bucket: `none-${randomUUID()}` });
    await expect(elsewhere.put(Buffer.from('a'))).rejects.toThrow();
    await expect(elsewhere.get('0'.repeat(64))).rejects.toThrow();
    const nowhere = new S3Blobs({ ...at, bucket, endpoint: 'http://127.0.0.1:9' });
    await expect(nowhere.get('0'.repeat(64))).rejects.toThrow();
  });
});
