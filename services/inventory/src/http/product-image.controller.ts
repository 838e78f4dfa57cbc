import { Body, Controller, Get, Headers, Param, Put, Query } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import { ApiBody, ApiConsumes, ApiOperation, ApiTags } from '@nestjs/swagger';
import { sku } from '@waybill/contracts';
import { Answers, Problem, Refuses, Roles } from '@waybill/http';
import { Submitter } from '@waybill/messaging';
import { Trace } from '@waybill/observability';
import { UploadImage } from '../messages/inventory.local.ts';
import { ImageBlobs } from '../resizing/image-blobs.ts';
import { formatOf, mostImageBytes, refusalOf } from '../resizing/image-sizes.ts';
import { ImageRepository, type ProductImageView } from '../storage/image.repository.ts';
import { IfMatch, preconditionOf } from './entity-tags.ts';
import { type ImageQuery, imageQuery, productImageView } from './inventory.schema.ts';

const mediaTypes = ['image/png', 'image/jpeg', 'image/webp', 'application/octet-stream'];

@ApiTags('Catalogue')
@Roles('operator')
@Controller('api/v1/products/:sku/image')
export class ProductImageController {
  constructor(
    private readonly images: ImageRepository,
    private readonly blobs: ImageBlobs,
    private readonly submitter: Submitter,
  ) {}

  @Get()
  @ApiOperation({ summary: 'The latest uploaded picture of a product, and whether it is resized' })
  @Answers(200, productImageView, 'The picture')
  @Refuses(404, 'unknown_image')
  async read(@Param('sku', { schema: sku }) id: string): Promise<ProductImageView> {
    const found = await this.images.find(id);
    if (!found) throw new Problem(404, 'unknown_image', `no picture was uploaded for ${id}`);
    return found;
  }

  @Put()
  @RouteConfig({ bodyLimit: mostImageBytes, binary: mediaTypes })
  @ApiOperation({
    summary: 'Upload the picture of a product: PNG, JPEG or WebP of at most 5 MiB, by its content',
    description: 'It is shown once it is resized; the latest upload wins.',
  })
  @ApiConsumes(...mediaTypes)
  @ApiBody({ required: true, schema: { type: 'string', format: 'binary' } })
  @IfMatch
  @Answers(202, productImageView, 'It is stored, and will be resized')
  @Refuses(404, 'unknown_sku')
  @Refuses(412, 'precondition_failed')
  @Refuses(422, 'image_unreadable', 'image_too_large')
  async upload(
    @Param('sku', { schema: sku }) id: string,
    @Query({ schema: imageQuery }) { urgent }: ImageQuery,
    @Body() body: Buffer | undefined,
    @Headers('if-match') ifMatch: string | undefined,
    @Trace() trace: Trace,
  ): Promise<ProductImageView> {
    const expected = preconditionOf(ifMatch);
    const bytes = body ?? Buffer.alloc(0);
    await check(bytes);
    const image = await this.blobs.put(bytes);
    await this.submitter.submit(UploadImage({ sku: id, image, urgent, expected }), trace);
    return this.read(id);
  }
}

async function check(bytes: Buffer): Promise<void> {
  if (bytes.length === 0) throw refused(422, 'image_unreadable', 'is empty');
  if (formatOf(bytes) === null) {
    throw refused(415, 'unsupported_media_type', 'is a PNG, JPEG or WebP by its content');
  }
  const refusal = await refusalOf(bytes);
  if (refusal) throw refused(422, refusal.code, refusal.rule);
}

/** The rule that the body breaks; the empty pointer is the body itself. */
const refused = (status: number, code: string, rule: string): Problem =>
  new Problem(
    status,
    code,
    `the picture ${rule === 'is empty' ? rule : `must be one that ${rule}`}`,
    {
      errors: [{ path: '', message: rule }],
    },
  );
