import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { noProduct, sku } from '@waybill/contracts';
import { Answers, Problem, Public, Refuses } from '@waybill/http';
import { RecommendationRepository } from '../storage/recommendation.repository.ts';
import {
  type RecommendationsQuery,
  type RecommendationsView,
  recommendationsQuery,
  recommendationsView,
} from './recommendations.schema.ts';

/** What goes with a product. */
@ApiTags('Catalogue')
@Controller('api/v1/products')
export class RecommendationsController {
  constructor(private readonly recommendations: RecommendationRepository) {}

  @Public()
  @Get(':sku/recommendations')
  @ApiOperation({
    summary: 'Products that go with a product',
    description:
      'First those that were bought together with it, then those that were viewed in the same sessions, then the best sellers of its category.',
  })
  @Answers(200, recommendationsView, 'The products, the best first')
  @Refuses(404, 'unknown_sku')
  async read(
    @Param('sku', { schema: sku }) id: string,
    @Query({ schema: recommendationsQuery }) { limit }: RecommendationsQuery,
  ): Promise<RecommendationsView> {
    const found = await this.recommendations.of(id, limit);
    if (!found) throw new Problem(404, 'unknown_sku', noProduct(id));
    return {
      items: found.map(({ sku: recommended, name, priceAmount, priceCurrency, reason }) => ({
        sku: recommended,
        name,
        price: { amount: priceAmount, currency: priceCurrency },
        reason,
      })),
      nextCursor: null,
    };
  }
}
