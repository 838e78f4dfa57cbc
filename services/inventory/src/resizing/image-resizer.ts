import { Injectable } from '@nestjs/common';
import { bulkhead, Pipeline } from '@waybill/resilience';
import type { Image, ImageSize } from '../domain/image.ts';
import type { ImageBlobs } from './image-blobs.ts';
import { sizesOf } from './image-sizes.ts';

/** The original of a picture is not in the blob store, where it was stored before its task was sent: somebody deleted it. */
class OriginalMissing extends Error {
  readonly retriable = false;
  readonly code = 'original_missing';
}

/** Makes and stores the sizes of pictures, a few at once. Doing it again stores the same blobs. */
@Injectable()
export class ImageResizer {
  private readonly workers: Pipeline;

  constructor(
    private readonly blobs: ImageBlobs,
    workers: number,
  ) {
    this.workers = new Pipeline('image-resizer', [bulkhead({ calls: workers, queue: 100_000 })]);
  }

  /** Its sizes, or why it cannot have any. Rejects if the store is away. */
  resize(reference: string): Promise<Pick<Image, 'sizes' | 'failure'>> {
    return this.workers.run(async () => {
      const original = await this.blobs.get(reference);
      if (!original) throw new OriginalMissing(`the picture ${reference} is not in the blob store`);
      const made = await sizesOf(original);
      if ('failure' in made) return { sizes: [], failure: made.failure };
      const sizes: ImageSize[] = [];
      for (const { data, ...size } of made.sizes) {
        sizes.push({ ...size, bytes: data.length, reference: await this.blobs.put(data) });
      }
      return { sizes, failure: null };
    });
  }
}
