import { deflateSync } from 'node:zlib';
import { beforeAll, describe, expect, it } from '@jest/globals';
import sharp from 'sharp';
import { formatOf, refusalOf, sizesOf } from './image-sizes.ts';

const background = { r: 200, g: 40, b: 40 };
const drawn = (width: number, height: number) =>
  sharp({ create: { width, height, channels: 3, background } });

let photo: Buffer;
beforeAll(async () => {
  photo = await drawn(1_600, 800)
    .withExif({ IFD0: { Artist: 'Ada L.' } })
    .jpeg()
    .toBuffer();
});

/** The head of a PNG of any size, without its pixels. */
function pngHead(width: number, height: number): Buffer {
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([8, 0, 0, 0, 0], 8);
  return Buffer.concat([
    Buffer.from('89504e470d0a1a0a', 'hex'),
    chunk('IHDR', head),
    chunk('IDAT', deflateSync(Buffer.alloc(1_000))),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function chunk(type: string, data: Buffer): Buffer {
  const named = Buffer.concat([Buffer.from(type), data]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  const crc = Buffer.alloc(4);
  crc.writeUInt32BE(crc32(named));
  return Buffer.concat([length, named, crc]);
}

function crc32(bytes: Buffer): number {
  let crc = ~0;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc >>> 0;
}

const svg = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>');

describe('the sizes of a picture', () => {
  it('keep its proportions, lose its metadata, and are WebP', async () => {
    const made = await sizesOf(photo);
    if ('failure' in made) throw new Error(made.failure);
    expect(made.sizes.map(({ of, width, height }) => [of, width, height])).toEqual([
      [96, 96, 48],
      [384, 384, 192],
      [1_200, 1_200, 600],
    ]);
    for (const { data } of made.sizes) {
      expect(formatOf(data)).toBe('webp');
      expect((await sharp(data).metadata()).exif).toBeUndefined();
      expect(data.includes('Ada L.')).toBe(false);
    }
  });

  it('are never larger than the picture, and one that was taken sideways is upright', async () => {
    const sideways = await drawn(200, 100).withMetadata({ orientation: 6 }).png().toBuffer();
    const made = await sizesOf(sideways);
    expect(made).toMatchObject({
      sizes: [
        { of: 96, width: 96, height: 192 },
        { of: 384, width: 100, height: 200 },
        { of: 1_200, width: 100, height: 200 },
      ],
    });
  });

  it('of an animation are those of its first picture', async () => {
    const frames = await Promise.all([
      drawn(50, 40).png().toBuffer(),
      drawn(50, 40).png().toBuffer(),
    ]);
    const animated = await sharp(frames, { join: { animated: true } })
      .webp()
      .toBuffer();
    expect(await refusalOf(animated)).toBeNull();
    expect(await sizesOf(animated)).toMatchObject({ sizes: [{ width: 50, height: 40 }, {}, {}] });
  });

  it.each([
    ['half of it', () => photo.subarray(0, photo.length / 2)],
    ['a bomb', () => pngHead(50_000, 50_000)],
    ['another format', () => svg],
    ['nothing', () => Buffer.alloc(0)],
  ])('cannot be made of %s, which says why', async (_, bytes) => {
    expect(await sizesOf(bytes())).toEqual({ failure: expect.stringMatching(/./) });
  });
});

describe('a picture that is uploaded', () => {
  it('is known by its content', async () => {
    expect([formatOf(photo), formatOf(await drawn(1, 1).webp().toBuffer())]).toEqual([
      'jpeg',
      'webp',
    ]);
    for (const other of [
      svg,
      Buffer.from('GIF89a'),
      Buffer.alloc(0),
      Buffer.from('RIFFxxxxWAVE'),
    ]) {
      expect(formatOf(other)).toBeNull();
    }
  });

  it.each([
    ['50,000 pixels square', () => pngHead(50_000, 50_000), 'image_too_large'],
    ['longer than WebP', () => pngHead(20_000, 10), 'image_too_large'],
    ['only the first bytes of a PNG', () => pngHead(9, 9).subarray(0, 20), 'image_unreadable'],
    [
      'an SVG that begins as a PNG',
      () => Buffer.concat([pngHead(1, 1).subarray(0, 8), svg]),
      'image_unreadable',
    ],
  ])('is refused by its head: %s', async (_, bytes, code) => {
    expect(await refusalOf(bytes())).toMatchObject({ code });
  });

  it('is accepted otherwise', async () => {
    expect(await refusalOf(photo)).toBeNull();
  });
});
