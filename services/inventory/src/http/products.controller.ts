import { Body, Controller, Get, HttpStatus, Param, Put, Query, Res } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { sku } from '@waybill/contracts';
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
import { isServed } from '../images/pictures.ts';
import { ChangeProduct } from '../messages/inventory.local.ts';
import { CatalogueRepository, type ProductView } from '../storage/catalogue.repository.ts';
import {
  type ProductBody,
  type ProductQuery,
  productBody,
  productPage,
  productQuery,
  productView,
} from './inventory.schema.ts';

/** The method needed to set the status of a response. */
interface Answer {
  status(code: number): unknown;
}

const products = new PagedList('products', sku);

@ApiTags('Catalogue')
@Controller('api/v1/products')
export class ProductsController {
  constructor(
    private readonly catalogue: CatalogueRepository,
    private readonly submitter: Submitter,
  ) {}

  @Public()
  @Get()
  @ApiOperation({ summary: 'The catalogue by SKU' })
  @Answers(200, productPage, 'A page')
  async list(@Query({ schema: productQuery }) query: ProductQuery): Promise<Page<ProductView>> {
    const { category, search } = query;
    const { after, take, page } = products.read(query, { category, search });
    const found = await this.catalogue.list({ category, search, after, limit: take });
    return page(found, (last) => last.sku);
  }

  @Public()
  @Get(':sku')
  @ApiOperation({ summary: 'One product' })
  @Answers(200, productView, 'The product')
  @Refuses(404, 'unknown_sku')
  read(@Param('sku', { schema: sku }) id: string): Promise<ProductView> {
    return this.found(id);
  }

  @Roles('operator')
  @Put(':sku')
  @ApiOperation({ summary: 'Create or change a product' })
  @MayAnswer(200, productView, 'It was there')
  @MayAnswer(201, productView, 'It is new')
  @Refuses(422, 'wrong_currency', 'unknown_image')
  async change(
    @Param('sku', { schema: sku }) id: string,
    @Body({ schema: productBody }) body: ProductBody,
    @Res({ passthrough: true }) answer: Answer,
    @Trace() trace: Trace,
  ): Promise<ProductView> {
    if (!isServed(body.imageUrl)) throw unknownImage(body.imageUrl);
    const { created } = await this.submitter.submit<{ created: boolean }>(
      ChangeProduct({ sku: id, ...body }),
      trace,
    );
    await this.catalogue.forget(id);
    answer.status(created ? HttpStatus.CREATED : HttpStatus.OK);
    return this.found(id);
  }

  private async found(id: string): Promise<ProductView> {
    const product = await this.catalogue.find(id);
    if (!product) throw new Problem(404, 'unknown_sku', `there is no product ${id}`);
    return product;
  }
}

function unknownImage(imageUrl: string): Problem {
  const message = `there is no picture at ${imageUrl}`;
  return new Problem(422, 'unknown_image', message, { errors: [{ path: '/imageUrl', message }] });
}
