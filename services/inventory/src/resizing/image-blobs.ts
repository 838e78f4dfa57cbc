import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { Problem } from '@waybill/http';
import type { BlobStore } from '@waybill/messaging';

/** The blobs of pictures. A store that is away is a 503 problem for a caller, and for a worker a reason to try again. */
@Injectable()
export class ImageBlobs implements OnApplicationShutdown {
  private store: Promise<BlobStore> | null = null;

  constructor(private readonly open: () => Promise<BlobStore>) {}

  put(bytes: Uint8Array): Promise<string> {
    return this.use((store) => store.put(bytes));
  }

  /** Null if the blob does not exist. */
  get(reference: string): Promise<Uint8Array | null> {
    return this.use((store) => store.get(reference));
  }

  async onApplicationShutdown(): Promise<void> {
    const store = (await this.store?.catch(() => null)) ?? null;
    if (store && 'close' in store && typeof store.close === 'function') store.close();
  }

  private async use<T>(call: (store: BlobStore) => Promise<T>): Promise<T> {
    try {
      this.store ??= this.open();
      return await call(await this.store);
    } catch (cause) {
      throw new Problem(503, 'images_unavailable', 'the store of pictures is away; try again', {
        headers: { 'retry-after': '2' },
        cause,
      });
    }
  }
}
