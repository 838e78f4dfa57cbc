import { describe, expect, it } from '@jest/globals';
import { ProductChanged, ResizeImage } from '@waybill/contracts';
import { handlerSpec } from '@waybill/testing';
import { type Image, imagePath } from '../domain/image.ts';
import { createProduct, withdrawProduct } from '../domain/product.ts';
import { inventoryConfig } from '../inventory.config.ts';
import { ImageBlobs } from '../resizing/image-blobs.ts';
import { ImageResizer } from '../resizing/image-resizer.ts';
import { images, productImages, products } from '../storage/inventory.entities.ts';
import { ImageConsumer } from './image.consumer.ts';

const now = '2026-05-01T10:00:00.000Z';
const [first, second] = ['a'.repeat(64), 'b'.repeat(64)] as [string, string];
const product = createProduct(
  {
    sku: 'MUG',
    name: 'Mug',
    description: '',
    category: 'Home',
    imageUrl: '/images/mug.svg',
    priceAmount: 1_290,
    currency: 'EUR',
    weightGrams: 380,
    taxClass: 'standard',
  },
  new Date(now),
);
const size = { of: 384 as const, width: 384, height: 200, bytes: 9, reference: 'c'.repeat(64) };
const ready = (reference: string): Image => ({ reference, sizes: [size], failure: null, at: now });
const failed = { reference: first, sizes: [], failure: 'is cut off', at: now };
const wanted = (image: string) => ({ sku: 'MUG', image, uploadedAt: now });
const shows = (image: string) => ({
  ...product,
  imageUrl: imagePath(image),
  revision: 2,
  updatedAt: now,
});
const news = ProductChanged({
  sku: 'MUG',
  name: 'Mug',
  category: 'Home',
  price: { amount: 1_290, currency: 'EUR' },
  weightGrams: 380,
  version: 2,
});

const blobs = new ImageBlobs(() => Promise.reject(new Error('no store here')));
const consumer = new ImageConsumer(new ImageResizer(blobs, 1), inventoryConfig.parse({}));
const upload = { sku: 'MUG', image: first, urgent: false };
const task = { sku: 'MUG', image: first };

describe('an uploaded picture', () => {
  const handler = handlerSpec(consumer.upload());

  it('is work for a worker, before others if it is urgent', () => {
    const given = handler.given(undefined, products.put(product));
    given
      .when(upload, { now })
      .thenChanges(productImages.put(wanted(first)))
      .thenSends(ResizeImage(task, { priority: 'normal' }));
    given
      .when({ ...upload, urgent: true }, { now })
      .thenSends(ResizeImage(task, { priority: 'high' }));
  });

  it('is no new work when it is the same again', () => {
    handler.given(wanted(first), products.put(product)).when(upload, { now }).thenNothing();
    handler
      .given(wanted(first), products.put(product), images.put(failed))
      .when(upload, { now })
      .thenNothing();
  });

  it('is shown at once when it was resized before, also for another product', () => {
    handler
      .given(wanted(second), products.put(product), images.put(ready(first)))
      .when(upload, { now })
      .thenChanges(productImages.put(wanted(first)), products.put(shows(first)))
      .thenSends(news);
  });

  it('is refused for a product that is not on sale or has another revision', () => {
    handler.whenRefused(upload, { code: 'unknown_sku' });
    handler
      .given(undefined, products.put(withdrawProduct(product, new Date(now))))
      .whenRefused(upload, { code: 'unknown_sku' });
    const expected = { is: 'revision', among: [7] };
    handler
      .given(undefined, products.put(product))
      .whenRefused({ ...upload, expected }, { code: 'precondition_failed' });
  });
});

describe('a resized picture', () => {
  const handler = handlerSpec(consumer.resize());
  const made = { sizes: [size], failure: null };
  const when = { now, answer: made };

  it('is shown as a new revision', () => {
    handler
      .given(undefined, products.put(product), productImages.put(wanted(first)))
      .when(task, when)
      .thenChanges(images.put(ready(first)), products.put(shows(first)))
      .thenSends(news);
  });

  it('is not shown when a later one was uploaded meanwhile, or the product was withdrawn', () => {
    for (const others of [
      [products.put(product), productImages.put(wanted(second))],
      [products.put(withdrawProduct(product, new Date(now))), productImages.put(wanted(first))],
    ]) {
      handler
        .given(undefined, ...others)
        .when(task, when)
        .thenChanges(images.put(ready(first)))
        .thenSends();
    }
  });

  it('that cannot be decoded has failed, for good', () => {
    handler
      .given(undefined, products.put(product), productImages.put(wanted(first)))
      .when(task, { now, answer: { sizes: [], failure: 'is cut off' } })
      .thenChanges(images.put(failed))
      .thenSends();
  });

  it('is not resized again when its task comes twice', () => {
    handler
      .given(ready(first), products.put(shows(first)), productImages.put(wanted(first)))
      .when(task, { now, answer: undefined })
      .thenNothing();
  });

  it('is tried again while the store is away, and not when its original is gone', async () => {
    const call = (resizer: ImageResizer) => {
      const { options } = new ImageConsumer(resizer, inventoryConfig.parse({})).resize();
      return options.call?.(undefined, task, { message: {} as never, read: () => undefined });
    };
    await expect(call(new ImageResizer(blobs, 1))).rejects.toMatchObject({
      code: 'images_unavailable',
    });
    const empty = new ImageBlobs(async () => ({ put: async () => first, get: async () => null }));
    await expect(call(new ImageResizer(empty, 1))).rejects.toMatchObject({ retriable: false });
  });
});
