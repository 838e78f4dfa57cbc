import { Controller, Get, Inject, Param, Query } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { Answers, Problem, Refuses, Roles } from '@waybill/http';
import { CONFIG } from '@waybill/service';
import type { AnalyticsConfig } from '../analytics.config.ts';
import { type LeaderboardName, leaderboardNames } from '../domain/leaderboard.ts';
import { Leaderboards } from '../storage/leaderboards.ts';
import {
  type LeaderboardQuery,
  type LeaderboardView,
  leaderboardPath,
  leaderboardQuery,
  leaderboardView,
} from './recommendations.schema.ts';

const byAmount: readonly LeaderboardName[] = ['top-revenue', 'top-customers'];

/** What sells best and is viewed most, and who buys most. */
@ApiTags('Analytics')
@Roles('operator')
@Controller('api/v1/analytics/leaderboards')
export class LeaderboardsController {
  constructor(
    private readonly leaderboards: Leaderboards,
    @Inject(CONFIG) private readonly config: AnalyticsConfig,
  ) {}

  @Get(':name')
  @ApiOperation({
    summary: 'A leaderboard',
    description:
      '`top-selling` (units), `most-viewed` (views), `top-revenue` (at catalogue prices) of products, `top-customers` (totals of confirmed ' +
      'orders) by id.',
  })
  @Answers(200, leaderboardView, 'The first entries')
  @Refuses(404, 'unknown_leaderboard')
  async read(
    @Param('name', { schema: leaderboardPath }) given: string,
    @Query({ schema: leaderboardQuery }) { limit }: LeaderboardQuery,
  ): Promise<LeaderboardView> {
    const name = leaderboardNames.find((each) => each === given);
    if (!name) throw new Problem(404, 'unknown_leaderboard', `there is no leaderboard ${given}`);
    const { shopCurrency: currency } = this.config;
    const ranked = await this.leaderboards.top(name, limit);
    return {
      name,
      items: ranked.map(({ id, score }, index) => ({
        rank: index + 1,
        id,
        ...(byAmount.includes(name) ? { amount: { amount: score, currency } } : { count: score }),
      })),
      nextCursor: null,
    };
  }
}
