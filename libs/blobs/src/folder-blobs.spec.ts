import { mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { blobsFrom } from './blobs-from.ts';
import { FolderBlobs } from './folder-blobs.ts';
import { placeOf } from './reference.ts';
import { S3Blobs } from './s3-blobs.ts';

const bytes = (text: string): Uint8Array => Buffer.from(text);

describe('a folder of blobs', () => {
  let root: string;
  let blobs: FolderBlobs;
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'blobs-'));
    blobs = new FolderBlobs(join(root, 'made', 'when-needed'));
  });
  afterEach(() => rm(root, { recursive: true }));

  it('gives back what was put, also in another process', async () => {
    const reference = await blobs.put(bytes('Grüße \u0000'));
    const other = new FolderBlobs(join(root, 'made', 'when-needed'));
    expect(Buffer.from((await other.get(reference)) ?? []).toString()).toBe('Grüße \u0000');
  });

  it('keeps the same bytes once, whoever puts them at the same time', async () => {
    const references = await Promise.all([1, 2, 3, 4].map(() => blobs.put(bytes('same'))));
    expect(new Set(references).size).toBe(1);
    const files = await readdir(root, { recursive: true, withFileTypes: true });
    expect(files.filter((file) => file.isFile()).length).toBe(1);
  });

  it('has nothing under a reference that it does not know', async () => {
    const reference = await blobs.put(bytes('a'));
    expect(await blobs.get(reference.replace(/^./, (digit) => (digit === '0' ? '1' : '0')))).toBe(
      null,
    );
  });

  it('removes what was last put before a time, and no file of others', async () => {
    const folder = join(root, 'made', 'when-needed');
    const long = new Date('2026-01-01T00:00:00.000Z');
    const [old, again] = [await blobs.put(bytes('old')), await blobs.put(bytes('again'))];
    await writeFile(join(folder, 'other'), 'x');
    for (const name of [placeOf(old), placeOf(again), 'other']) {
      await utimes(join(folder, name), long, long);
    }
    await blobs.put(bytes('again'));
    expect(await blobs.removePutBefore(new Date('2026-02-01T00:00:00.000Z'))).toBe(1);
    expect([await blobs.get(old), (await blobs.get(again))?.length]).toEqual([null, 5]);
    expect(await readdir(folder)).toContain('other');
    expect(await new FolderBlobs(join(root, 'nothing')).removePutBefore(new Date())).toBe(0);
  });

  it('reads no file outside, whatever a message names', async () => {
    await writeFile(join(root, 'secret'), 'x');
    for (const forged of ['../secret', '../../secret', '/etc/hosts', '', 'a'.repeat(63)]) {
      expect(await blobs.get(forged)).toBe(null);
    }
  });

  it('fails when it cannot be asked, instead of having nothing', async () => {
    await writeFile(join(root, 'made'), 'a file where the folder should be');
    await expect(blobs.put(bytes('a'))).rejects.toThrow();
    await expect(blobs.get('0'.repeat(64))).rejects.toThrow('ENOTDIR');
  });
});

describe('the setting BLOBS', () => {
  it('names a folder or a bucket', () => {
    expect(blobsFrom('.waybill/blobs')).toBeInstanceOf(FolderBlobs);
    expect(blobsFrom('s3://waybill-blobs/shop', { region: 'eu-central-1' })).toBeInstanceOf(
      S3Blobs,
    );
  });

  it.each(['', 'gs://bucket', 's3://', 'S3://UPPER', 'http://user:password@host'])(
    'is refused by its name, and not shown: %s',
    (setting) => {
      expect(() => blobsFrom(setting)).toThrow(
        new TypeError('BLOBS is neither a folder nor an address such as s3://bucket/prefix'),
      );
    },
  );
});
