import { Controller, Get, Headers, Param, Res, StreamableFile } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { text } from '@waybill/contracts';
import { AnswersAs, MayAnswer, Problem, Refuses, Tokenless } from '@waybill/http';
import type { ImageSize } from '../domain/image.ts';
import { findPicture } from '../images/pictures.ts';
import { ImageBlobs } from '../resizing/image-blobs.ts';
import { ImageRepository } from '../storage/image.repository.ts';
import { isKnown } from './entity-tags.ts';

/** The methods needed to set the head of a response. */
interface Answer {
  status(code: number): unknown;
  header(name: string, value: string): unknown;
}

const imageKey = text(1, 100);

const oneDay = 86_400;
const always = 31_536_000;

/** The pictures of the catalogue: those that were uploaded, and those of the seeded products, which are drawn in code. */
@ApiTags('Catalogue')
@Controller('images')
export class ImagesController {
  constructor(
    private readonly images: ImageRepository,
    private readonly blobs: ImageBlobs,
  ) {}

  @Tokenless()
  @Get(':key')
  @ApiOperation({ summary: 'A picture of the catalogue, as `imageUrl` of a product names it' })
  @AnswersAs(['image/svg+xml', 'image/webp'], 'The picture')
  @MayAnswer(304, null, 'Still the one that If-None-Match names')
  @Refuses(404, 'unknown_image')
  async read(
    @Param('key', { schema: imageKey }) key: string,
    @Headers('if-none-match') known: string | undefined,
    @Res({ passthrough: true }) answer: Answer,
  ): Promise<string | StreamableFile | undefined> {
    const picture = findPicture(key);
    const size = picture ? undefined : await this.images.findSize(key);
    const etag = picture?.etag ?? (size && `"${size.reference.slice(0, 16)}"`);
    if (etag === undefined) throw unknownImage();
    answer.header('etag', etag);
    const freshness = size ? `max-age=${always}, immutable` : `max-age=${oneDay}`;
    answer.header('cache-control', `public, ${freshness}`);
    // Other sites may embed the shop's pictures.
    answer.header('cross-origin-resource-policy', 'cross-origin');
    if (isKnown(known, etag)) {
      answer.status(304);
      return undefined;
    }
    if (size) return this.file(size);
    answer.header('content-type', 'image/svg+xml; charset=utf-8');
    return picture?.svg;
  }

  private async file({ reference }: ImageSize): Promise<StreamableFile> {
    const bytes = await this.blobs.get(reference);
    if (!bytes) throw unknownImage();
    return new StreamableFile(bytes, { type: 'image/webp', length: bytes.length });
  }
}

const unknownImage = (): Problem => new Problem(404, 'unknown_image', 'there is no such picture');
