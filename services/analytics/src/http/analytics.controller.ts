import { Controller, Get, Inject, Query } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { Answers, Roles } from '@waybill/http';
import type { Clock } from '@waybill/messaging';
import { CLOCK } from '@waybill/messaging';
import { CONFIG } from '@waybill/service';
import type { AnalyticsConfig } from '../analytics.config.ts';
import { addUp, average } from '../domain/summary.ts';
import { SummaryRepository } from '../storage/summary.repository.ts';
import { periodOf } from './period.ts';
import {
  type SummaryQuery,
  type SummaryView,
  summaryQuery,
  summaryView,
} from './summary.schema.ts';

@ApiTags('Analytics')
@Roles('operator')
@Controller('api/v1/analytics')
export class AnalyticsController {
  constructor(
    private readonly summaries: SummaryRepository,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(CONFIG) private readonly config: AnalyticsConfig,
  ) {}

  @Get('summary')
  @ApiOperation({
    summary: 'Orders and revenue of a period, in total and by the minute',
    description:
      'From `from` up to, not including, `to`; the last hour by default, seven days at most. ' +
      'Revenue is that of confirmed orders. Minutes in which nothing happened are left out.',
  })
  @Answers(200, summaryView, 'The summary')
  async summary(@Query({ schema: summaryQuery }) query: SummaryQuery): Promise<SummaryView> {
    const span = periodOf(query, this.clock.now());
    const period = { ...span, currency: this.config.shopCurrency };
    const { minutes, regions } = await this.summaries.read(period);
    const money = (amount: number) => ({ amount, currency: this.config.shopCurrency });
    const { revenue, ...counts } = addUp(
      ['placed', 'confirmed', 'rejected', 'cancelled', 'revenue'],
      minutes,
    );
    const value = average(revenue, counts.confirmed);
    return {
      from: period.from.toISOString(),
      to: period.to.toISOString(),
      ...counts,
      revenue: money(revenue),
      averageOrderValue: value === null ? null : money(value),
      minutes: minutes.map((each) => ({ ...each, revenue: money(each.revenue) })),
      regions: regions.map((each) => ({ ...each, revenue: money(each.revenue) })),
    };
  }
}
