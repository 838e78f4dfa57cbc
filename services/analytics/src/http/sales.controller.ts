import { Controller, Get, Inject, Param, Query } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { instant } from '@waybill/contracts';
import { Answers, type Page, PagedList, Problem, Refuses, Roles } from '@waybill/http';
import { CLOCK, type Clock } from '@waybill/messaging';
import { CONFIG } from '@waybill/service';
import { z } from 'zod';
import type { AnalyticsConfig } from '../analytics.config.ts';
import { average } from '../domain/summary.ts';
import { SalesRepository } from '../storage/sales.repository.ts';
import { day, hour, periodOf } from './period.ts';
import {
  type CustomerView,
  customerPath,
  customerView,
  type HighValueOrderView,
  highValueOrders,
  type LatencyQuery,
  type LatencyView,
  latencyQuery,
  latencyView,
  type OrdersQuery,
  ordersQuery,
  type RevenueQuery,
  type RevenueView,
  revenueQuery,
  revenueView,
  type TopProductsQuery,
  type TopProductsView,
  topProductsQuery,
  topProductsView,
} from './sales.schema.ts';

const orders = new PagedList('high-value-orders', z.strictObject({ at: instant, id: z.uuid() }));

const windows = {
  '1m': { size: '1 minute', ms: 60_000, usual: hour, longest: day, name: 'a day' },
  '1h': { size: '1 hour', ms: hour, usual: day, longest: 31 * day, name: '31 days' },
  '1d': { size: '1 day', ms: day, usual: 30 * day, longest: 366 * day, name: '366 days' },
} as const;

/** What was sold, to whom, and how long orders took. */
@ApiTags('Analytics')
@Roles('operator')
@Controller('api/v1/analytics')
export class SalesController {
  constructor(
    private readonly sales: SalesRepository,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(CONFIG) private readonly config: Pick<AnalyticsConfig, 'shopCurrency'>,
  ) {}

  @Get('revenue')
  @ApiOperation({
    summary: 'Revenue of confirmed orders by the minute, hour or day',
    description:
      'Of the last hour by the minute, the last day by the hour (default), the last 30 days by the day, or from `from` up to `to`: at most ' +
      'a day, 31 days and 366 days. Windows begin on the minute, hour or midnight in UTC; those without confirmed orders are left out.',
  })
  @Answers(200, revenueView, 'The revenue')
  async revenue(@Query({ schema: revenueQuery }) query: RevenueQuery): Promise<RevenueView> {
    const { size, ms, ...limits } = windows[query.window];
    const period = periodOf(query, this.clock.now(), limits);
    const found = await this.sales.revenue(period, size, this.config.shopCurrency);
    const sum = (name: 'orders' | 'revenue') =>
      found.reduce((total, each) => total + each[name], 0);
    return {
      window: query.window,
      from: period.from.toISOString(),
      to: period.to.toISOString(),
      ...this.earned(sum('orders'), sum('revenue')),
      items: found.map(({ startedAt, ...each }) => ({
        from: startedAt.toISOString(),
        to: new Date(startedAt.getTime() + ms).toISOString(),
        ...this.earned(each.orders, each.revenue),
      })),
      nextCursor: null,
    };
  }

  @Get('products/top')
  @ApiOperation({
    summary: 'The products with the most revenue, units or views',
    description: 'Of all time. Revenue is at catalogue prices.',
  })
  @Answers(200, topProductsView, 'The products')
  async topProducts(
    @Query({ schema: topProductsQuery }) { by, limit }: TopProductsQuery,
  ): Promise<TopProductsView> {
    const found = await this.sales.topProducts(by, limit);
    return {
      items: found.map((product, i) => ({
        rank: i + 1,
        ...product,
        revenue: this.money(product.revenue),
      })),
      nextCursor: null,
    };
  }

  @Get('customers/:id')
  @ApiOperation({ summary: 'What a customer did and bought' })
  @Answers(200, customerView, 'The customer')
  @Refuses(404, 'not_found')
  async customer(@Param('id', { schema: customerPath }) customerId: string): Promise<CustomerView> {
    const found = await this.sales.customer(customerId);
    if (!found)
      throw new Problem(404, 'not_found', `nothing is known of the customer ${customerId}`);
    const { spent, registeredAt, lastSeenAt, ...counts } = found;
    const { revenue: lifetimeValue, averageOrderValue } = this.earned(counts.orders, spent);
    return {
      customerId,
      ...counts,
      lifetimeValue,
      averageOrderValue,
      registeredAt: registeredAt?.toISOString() ?? null,
      lastSeenAt: lastSeenAt?.toISOString() ?? null,
    };
  }

  @Get('high-value-orders')
  @ApiOperation({
    summary: 'Orders of high value, the newest first',
    description:
      'Those whose total is at least the setting `HIGH_VALUE_ORDER`; each is also published as `order.high-value`.',
  })
  @Answers(200, highValueOrders, 'A page')
  async highValueOrders(
    @Query({ schema: ordersQuery }) query: OrdersQuery,
  ): Promise<Page<HighValueOrderView>> {
    const { after, take, page } = orders.read(query);
    const found = await this.sales.highValueOrders(after, take);
    const shown = page(found, ({ placedAt: at, orderId: id }) => ({ at, id }));
    return {
      ...shown,
      items: shown.items.map(
        ({ orderId, customerId, country, amount, currency, placedAt: at, outcome }) => ({
          orderId,
          customerId,
          country,
          total: { amount, currency },
          at,
          outcome,
        }),
      ),
    };
  }

  @Get('sagas/latency')
  @ApiOperation({
    summary: 'How long orders took from their placement to their outcome, in milliseconds',
    description:
      'Of the orders that were placed in a period, by outcome; orders without one are `pending`.',
  })
  @Answers(200, latencyView, 'Percentiles')
  async latency(@Query({ schema: latencyQuery }) query: LatencyQuery): Promise<LatencyView> {
    const period = periodOf(query, this.clock.now());
    const items = await this.sales.latency(period);
    return {
      from: period.from.toISOString(),
      to: period.to.toISOString(),
      items,
      nextCursor: null,
    };
  }

  private earned(count: number, revenue: number) {
    const value = average(revenue, count);
    return {
      orders: count,
      revenue: this.money(revenue),
      averageOrderValue: value === null ? null : this.money(value),
    };
  }

  private money(amount: number) {
    return { amount, currency: this.config.shopCurrency };
  }
}
