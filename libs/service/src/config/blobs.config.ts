import { join } from 'node:path';
import type { BlobStore } from '@waybill/messaging';
import { z } from 'zod';
import { blobs } from '../brokers/broker-settings.config.ts';
import { blobsOf } from '../brokers/server-brokers.ts';

/** Variables of a service that stores blobs itself; spread them into the schema of its settings. */
export const blobVariables = {
  ...blobs.partial().shape,
  /** The folder of data that the process itself keeps, with pictures below `blobs`. */
  WAYBILL_DATA: z.string().min(1).default('.waybill'),
};

const settings = z.object(blobVariables);

/** Makes the blob store of these variables when it is called; by default, a folder below `WAYBILL_DATA`. */
export const blobStore =
  (env: z.output<typeof settings>): (() => Promise<BlobStore>) =>
  () =>
    blobsOf({ ...env, BLOBS: env.BLOBS ?? join(env.WAYBILL_DATA, 'blobs') });
