import {
  Body,
  Controller,
  Delete,
  Get,
  Headers,
  HttpStatus,
  Param,
  Put,
  Query,
  Res,
} from '@nestjs/common';
import { ApiHeader, ApiOperation, ApiTags } from '@nestjs/swagger';
import { noProduct, sku } from '@waybill/contracts';
import {
  Answers,
  MayAnswer,
  type Page,
  PagedList,
  Problem,
  Public,
  Refuses,
  Roles,
} from '@waybill/http';
import { Submitter } from '@waybill/messaging';
import { Trace } from '@waybill/observability';
import { z } from 'zod';
import { findPicture } from '../images/pictures.ts';
import { ChangeProduct, WithdrawProduct } from '../messages/inventory.local.ts';
import { CatalogueRepository, type ProductView } from '../storage/catalogue.repository.ts';
import { ImageRepository } from '../storage/image.repository.ts';
import { entityTagOf, IfMatch, isKnown, preconditionOf } from './entity-tags.ts';
import {
  type ProductBody,
  type ProductQuery,
  productBody,
  productPage,
  productQuery,
  productView,
} from './inventory.schema.ts';

/** The methods needed to set the head of a response. */
interface Answer {
  status(code: number): unknown;
  header(name: string, value: string): unknown;
}

const products = new PagedList('products', z.tuple([z.int().min(0), sku]));

const IfNoneMatch = (description: string) =>
  ApiHeader({ name: 'If-None-Match', required: false, description, schema: { type: 'string' } });

@ApiTags('Catalogue')
@Controller('api/v1/products')
export class ProductsController {
  constructor(
    private readonly catalogue: CatalogueRepository,
    private readonly images: ImageRepository,
    private readonly submitter: Submitter,
  ) {}

  @Public()
  @Get()
  @ApiOperation({ summary: 'The products on sale: by SKU, or what a search matches best' })
  @Answers(200, productPage, 'A page')
  async list(@Query({ schema: productQuery }) query: ProductQuery): Promise<Page<ProductView>> {
    const { category, search } = query;
    const { after, take, page } = products.read(query, { category, search });
    const found = await this.catalogue.list({ category, search, after, limit: take });
    const { items, nextCursor } = page(found, ({ place }) => place);
    return { items: items.map(({ view }) => view), nextCursor };
  }

  @Public()
  @Get(':sku')
  @ApiOperation({ summary: 'One product; the `ETag` changes with every revision and every sale' })
  @IfNoneMatch('Entity tags that the caller has')
  @Answers(200, productView, 'The product')
  @MayAnswer(304, null, 'Still one that If-None-Match names')
  @Refuses(404, 'unknown_sku')
  async read(
    @Param('sku', { schema: sku }) id: string,
    @Headers('if-none-match') known: string | undefined,
    @Res({ passthrough: true }) answer: Answer,
  ): Promise<ProductView | undefined> {
    const { view, etag } = await this.found(id, answer);
    if (!isKnown(known, etag)) return view;
    answer.status(HttpStatus.NOT_MODIFIED);
    return undefined;
  }

  @Roles('operator')
  @Put(':sku')
  @ApiOperation({ summary: 'Create or change a product, or put it on sale again' })
  @IfMatch
  @IfNoneMatch('`*`: only if there is no such product, else a 412 problem')
  @MayAnswer(200, productView, 'It was there')
  @MayAnswer(201, productView, 'It is new')
  @Refuses(412, 'precondition_failed')
  @Refuses(422, 'wrong_currency', 'unknown_image')
  async change(
    @Param('sku', { schema: sku }) id: string,
    @Body({ schema: productBody }) body: ProductBody,
    @Headers('if-match') ifMatch: string | undefined,
    @Headers('if-none-match') ifNoneMatch: string | undefined,
    @Res({ passthrough: true }) answer: Answer,
    @Trace() trace: Trace,
  ): Promise<ProductView> {
    const expected = preconditionOf(ifMatch, ifNoneMatch);
    if (!(await this.isServed(body.imageUrl))) throw unknownImage(body.imageUrl);
    const { created } = await this.submitter.submit<{ created: boolean }>(
      ChangeProduct({ sku: id, ...body, expected }),
      trace,
    );
    await this.catalogue.forget(id);
    answer.status(created ? HttpStatus.CREATED : HttpStatus.OK);
    return (await this.found(id, answer)).view;
  }

  @Roles('operator')
  @Delete(':sku')
  @ApiOperation({ summary: 'Take a product off sale; orders that are placed go on' })
  @IfMatch
  @Answers(204, null, 'It is not on sale, also if it was not before')
  @Refuses(404, 'unknown_sku')
  @Refuses(412, 'precondition_failed')
  async withdraw(
    @Param('sku', { schema: sku }) id: string,
    @Headers('if-match') ifMatch: string | undefined,
    @Trace() trace: Trace,
  ): Promise<void> {
    await this.submitter.submit(
      WithdrawProduct({ sku: id, expected: preconditionOf(ifMatch) }),
      trace,
    );
    await this.catalogue.forget(id);
  }

  /** False for a path of this shop without a picture; addresses of other hosts are not checked. */
  private async isServed(imageUrl: string): Promise<boolean> {
    if (!imageUrl.startsWith('/')) return true;
    const key = imageUrl.replace('/images/', '');
    return findPicture(key) !== undefined || (await this.images.findSize(key)) !== undefined;
  }

  /** The product, whose entity tag is set. */
  private async found(id: string, answer: Answer): Promise<{ view: ProductView; etag: string }> {
    const found = await this.catalogue.find(id);
    if (!found) throw new Problem(404, 'unknown_sku', noProduct(id));
    const etag = entityTagOf(found.revision, found.view.available);
    answer.header('etag', etag);
    return { view: found.view, etag };
  }
}

function unknownImage(imageUrl: string): Problem {
  const message = `there is no picture at ${imageUrl}`;
  return new Problem(422, 'unknown_image', message, { errors: [{ path: '/imageUrl', message }] });
}
