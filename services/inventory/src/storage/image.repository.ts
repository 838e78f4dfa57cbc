import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { Repository } from 'typeorm';
import {
  type ImageSize,
  type ImageState,
  type ImageWidth,
  imagePath,
  imageWidths,
  stateOf,
} from '../domain/image.ts';
import { ImageEntity, ProductImageEntity } from './inventory.entities.ts';

/** The latest picture of a product as operators see it. */
export interface ProductImageView {
  readonly sku: string;
  readonly state: ImageState;
  readonly failure: string | null;
  readonly uploadedAt: string;
  readonly sizes: readonly {
    readonly url: string;
    readonly width: number;
    readonly height: number;
    readonly bytes: number;
  }[];
}

const uploaded = /^([0-9a-f]{64})-(\d+)\.webp$/;

/** Reads the uploaded pictures. */
@Injectable()
export class ImageRepository {
  constructor(
    @InjectRepository(ImageEntity) private readonly images: Repository<ImageEntity>,
    @InjectRepository(ProductImageEntity) private readonly latest: Repository<ProductImageEntity>,
  ) {}

  async find(sku: string): Promise<ProductImageView | undefined> {
    const latest = await this.latest.findOneBy({ sku });
    if (!latest) return undefined;
    const image = (await this.images.findOneBy({ reference: latest.image })) ?? undefined;
    return {
      sku,
      state: stateOf(image),
      failure: image?.failure ?? null,
      uploadedAt: latest.uploadedAt,
      sizes: (image?.sizes ?? []).map(({ of, width, height, bytes }) => ({
        url: imagePath(latest.image, of),
        width,
        height,
        bytes,
      })),
    };
  }

  /** The size at `/images/{key}`. */
  async findSize(key: string): Promise<ImageSize | undefined> {
    const [, reference, text] = uploaded.exec(key) ?? [];
    const width = imageWidths.find((each): each is ImageWidth => String(each) === text);
    if (!reference || !width) return undefined;
    const image = await this.images.findOneBy({ reference });
    return image?.sizes.find(({ of }) => of === width);
  }
}
