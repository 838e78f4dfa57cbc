import type { SharpOptions } from 'sharp';
import { type ImageSize, imageWidths } from '../domain/image.ts';

/** The most bytes of a picture that is uploaded. */
export const mostImageBytes = 5 * 1_024 * 1_024;
/** The most pixels that are decoded; a small file may have billions. */
const mostPixels = 25_000_000;
/** The longest side that WebP can have. */
const longestSide = 16_383;
const quality = 82;
const patience = { seconds: 60 };

/** The formats that are accepted, by the first bytes of a file. */
export type ImageFormat = 'png' | 'jpeg' | 'webp';

export function formatOf(bytes: Buffer): ImageFormat | null {
  const starts = (hex: string, at = 0): boolean =>
    bytes.subarray(at, at + hex.length / 2).toString('hex') === hex;
  if (starts('89504e470d0a1a0a')) return 'png';
  if (starts('ffd8ff')) return 'jpeg';
  return starts('52494646') && starts('57454250', 8) ? 'webp' : null;
}

/** Animated pictures have one page: the first. */
const options: SharpOptions = {
  limitInputPixels: mostPixels,
  pages: 1,
  failOn: 'error',
  sequentialRead: true,
};

/** One thread per picture, and only the decoders of the formats that are accepted. */
const loaded = async () => {
  const { default: sharp } = await import('sharp');
  sharp.concurrency(1);
  sharp.cache(false);
  sharp.block({ operation: ['VipsForeignLoad'] });
  sharp.unblock({
    operation: ['VipsForeignLoadPng', 'VipsForeignLoadJpeg', 'VipsForeignLoadWebp'],
  });
  return sharp;
};
let library: ReturnType<typeof loaded> | null = null;
const codecs = (): ReturnType<typeof loaded> => {
  library ??= loaded();
  return library;
};

/** Why a picture is refused before it is stored; null if its head is in order. Decodes nothing. */
export async function refusalOf(bytes: Buffer): Promise<{
  readonly code: 'image_unreadable' | 'image_too_large';
  readonly rule: string;
} | null> {
  const sharp = await codecs();
  try {
    const { width, height } = await sharp(bytes, {
      ...options,
      limitInputPixels: false,
    }).metadata();
    if (width * height <= mostPixels && Math.max(width, height) <= longestSide) return null;
    const rule = `has at most ${mostPixels} pixels, and ${longestSide} on each side`;
    return { code: 'image_too_large', rule };
  } catch {
    return { code: 'image_unreadable', rule: 'is a complete PNG, JPEG or WebP' };
  }
}

/** A size of a picture with its bytes. */
type MadeSize = Omit<ImageSize, 'bytes' | 'reference'> & { readonly data: Buffer };

/** The sizes of a picture as WebP, upright and without metadata, or why it cannot be decoded. */
export async function sizesOf(
  original: Uint8Array,
): Promise<{ readonly sizes: readonly MadeSize[] } | { readonly failure: string }> {
  const sharp = await codecs();
  const sizes: MadeSize[] = [];
  try {
    for (const of of imageWidths) {
      const { data, info } = await sharp(original, options)
        .timeout(patience)
        .rotate()
        .resize({ width: of, withoutEnlargement: true })
        .webp({ quality })
        .toBuffer({ resolveWithObject: true });
      sizes.push({ of, width: info.width, height: info.height, data });
    }
    return { sizes };
  } catch (error) {
    return { failure: (error as Error).message.slice(0, 200) };
  }
}
