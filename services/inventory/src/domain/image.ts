import { isOnSale, type Product } from './product.ts';

/** The widths in which pictures are stored; a smaller picture is not enlarged. */
export const imageWidths = [96, 384, 1_200] as const;
export type ImageWidth = (typeof imageWidths)[number];
/** The width that the catalogue shows. */
const shownWidth: ImageWidth = 384;

/** One size of a picture: a blob of WebP. */
export interface ImageSize {
  /** The width it was made for. */
  readonly of: ImageWidth;
  readonly width: number;
  readonly height: number;
  readonly bytes: number;
  readonly reference: string;
}

/** What became of an uploaded picture. It depends on the bytes only, so it is final, and the same for every product. */
export interface Image {
  /** The blob of the original, whose SHA-256 this is. */
  readonly reference: string;
  readonly sizes: readonly ImageSize[];
  /** Why it has no sizes: it cannot be decoded. */
  readonly failure: string | null;
  readonly at: string;
}

/** The picture that was uploaded last for a product. */
export interface ProductImage {
  readonly sku: string;
  readonly image: string;
  readonly uploadedAt: string;
}

/** `pending`: a worker is still to resize it. */
export type ImageState = 'pending' | 'ready' | 'failed';

export const stateOf = (image: Image | undefined): ImageState => {
  if (!image) return 'pending';
  return image.failure === null ? 'ready' : 'failed';
};

/** The path of a size of a picture, which never has other bytes. */
export const imagePath = (reference: string, width: ImageWidth = shownWidth): string =>
  `/images/${reference}-${width}.webp`;

/** The product that shows the picture; undefined if it does already, if it is not on sale or if the picture has no sizes. */
export function showImage(
  product: Product | undefined,
  image: Image | undefined,
  now: Date,
): Product | undefined {
  if (!product || !isOnSale(product) || !image || stateOf(image) !== 'ready') return undefined;
  const imageUrl = imagePath(image.reference);
  if (product.imageUrl === imageUrl) return undefined;
  return { ...product, imageUrl, revision: product.revision + 1, updatedAt: now.toISOString() };
}
