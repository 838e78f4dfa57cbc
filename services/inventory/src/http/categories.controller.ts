import { Controller, Get, Query } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { text } from '@waybill/contracts';
import { Answers, type Page, PagedList, Public } from '@waybill/http';
import { CatalogueRepository, type CategoryView } from '../storage/catalogue.repository.ts';
import { type CategoryQuery, categoryPage, categoryQuery } from './inventory.schema.ts';

const categories = new PagedList('categories', text(1, 100));

@ApiTags('Catalogue')
@Controller('api/v1/categories')
export class CategoriesController {
  constructor(private readonly catalogue: CatalogueRepository) {}

  @Public()
  @Get()
  @ApiOperation({ summary: 'The categories of the products on sale' })
  @Answers(200, categoryPage, 'A page, by name')
  async list(@Query({ schema: categoryQuery }) query: CategoryQuery): Promise<Page<CategoryView>> {
    const { after, take, page } = categories.read(query);
    return page(await this.catalogue.categories(after, take), ({ name }) => name);
  }
}
