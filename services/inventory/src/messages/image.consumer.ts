import { Inject, Injectable } from '@nestjs/common';
import { noProduct, ResizeImage } from '@waybill/contracts';
import { Handles, on } from '@waybill/messaging';
import { CONFIG } from '@waybill/service';
import { type Image, showImage } from '../domain/image.ts';
import { InventoryError } from '../domain/inventory.errors.ts';
import { checkPrecondition } from '../domain/precondition.ts';
import { isOnSale, type Product } from '../domain/product.ts';
import type { InventoryConfig } from '../inventory.config.ts';
import { ImageResizer } from '../resizing/image-resizer.ts';
import { images, productImages, products } from '../storage/inventory.entities.ts';
import { changed } from './catalogue.consumer.ts';
import { UploadImage } from './inventory.local.ts';

/** Pictures of products: uploads, and the work of resizing them, which the replicas of inventory share. */
@Injectable()
export class ImageConsumer {
  constructor(
    private readonly resizer: ImageResizer,
    @Inject(CONFIG) private readonly config: InventoryConfig,
  ) {}

  /** A picture that was resized before is shown at once, and uploading the same one again is no new work. */
  @Handles()
  upload() {
    return on(UploadImage, productImages, {
      state: ({ sku }) => sku,
      also: ({ sku, image }) => [products.at(sku), images.at(image)],
      decide: (found, { sku, image, urgent, expected }, { now, read }) => {
        const product = read(products.at(sku));
        if (!isOnSale(product)) {
          throw new InventoryError('unknown_sku', noProduct(sku));
        }
        checkPrecondition(sku, product, expected);
        const known = read(images.at(image));
        const isNew = found?.image !== image;
        const news = shownOn(product, known, now);
        const work = ResizeImage({ image, sku }, { priority: urgent ? 'high' : 'normal' });
        return {
          changes: [
            ...(isNew ? [productImages.put({ sku, image, uploadedAt: now.toISOString() })] : []),
            ...news.changes,
          ],
          send: [...news.send, ...(isNew && !known ? [work] : [])],
        };
      },
    });
  }

  @Handles()
  resize() {
    return on(ResizeImage, images, {
      group: 'inventory.images',
      prefetch: this.config.imageWorkers,
      state: ({ image }) => image,
      also: ({ sku }) => [products.at(sku), productImages.at(sku)],
      call: async (known, { image }) => (known ? undefined : this.resizer.resize(image)),
      decide: (known, { image, sku }, { answer, now, read }) => {
        const made = known ?? (answer && { reference: image, ...answer, at: now.toISOString() });
        const isLatest = read(productImages.at(sku))?.image === image;
        const news = isLatest ? shownOn(read(products.at(sku)), made, now) : nothing;
        return {
          changes: [...(made && !known ? [images.put(made)] : []), ...news.changes],
          send: news.send,
        };
      },
    });
  }
}

const nothing: ReturnType<typeof changed> = { changes: [], send: [] };

/** What follows when the product shows the picture. */
function shownOn(product: Product | undefined, image: Image | undefined, now: Date) {
  const shown = showImage(product, image, now);
  return shown ? changed(shown) : nothing;
}
