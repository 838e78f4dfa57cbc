import { Module } from '@nestjs/common';
import { MessagingModule } from '@waybill/messaging';
import { LOGGER, type Log } from '@waybill/observability';
import { PersistenceModule } from '@waybill/persistence';
import { CONFIG, ServiceModule, WorkGauges } from '@waybill/service';
import { WorkModule } from '@waybill/work-queue';
import { type AnalyticsConfig, analyticsConfig } from './analytics.config.ts';
import { ActivityController } from './http/activity.controller.ts';
import { AnalyticsController } from './http/analytics.controller.ts';
import { LeaderboardsController } from './http/leaderboards.controller.ts';
import { RecommendationsController } from './http/recommendations.controller.ts';
import { ActivityConsumer } from './messages/activity.consumer.ts';
import { OrderCountsConsumer } from './messages/order-counts.consumer.ts';
import { ProductsConsumer } from './messages/products.consumer.ts';
import { PurchasesConsumer } from './messages/purchases.consumer.ts';
import { RecommendationsWorker } from './messages/recommendations.worker.ts';
import { RegionSalesConsumer } from './messages/region-sales.consumer.ts';
import { analyticsInvariants } from './storage/analytics.invariants.ts';
import { analyticsStorage } from './storage/analytics.storage.ts';
import { leaderboardIndexOf } from './storage/leaderboard.index.ts';
import { LeaderboardRows } from './storage/leaderboard.rows.ts';
import { LEADERBOARD_INDEX, Leaderboards } from './storage/leaderboards.ts';
import { PopularityRepository } from './storage/popularity.repository.ts';
import { RecommendationRepository } from './storage/recommendation.repository.ts';
import { SummaryRepository } from './storage/summary.repository.ts';

const workOf = ({ redis, redisPool: limit }: AnalyticsConfig, log: Log) => ({
  redis: redis && {
    ...redis,
    limit,
    service: 'analytics',
    onTrouble: (what: string, error: Error) => log.warn({ error }, what),
  },
  log,
});

/** Counts orders, revenue, views and sales, and recommends products. */
@Module({
  imports: [
    ServiceModule.forRoot({
      name: 'analytics',
      config: analyticsConfig,
      invariants: (dataSource) => analyticsInvariants(dataSource),
      port: 8086,
      retained: ({ countedRetention, sessionRetention }) => [
        { table: 'counted', at: 'at', keep: countedRetention },
        { table: 'session_views', at: 'at', keep: sessionRetention },
      ],
    }),
    PersistenceModule.forRoot(analyticsStorage),
    MessagingModule.forRoot(),
    WorkModule.forRootAsync({ inject: [CONFIG, LOGGER], useFactory: workOf }),
  ],
  controllers: [
    AnalyticsController,
    ActivityController,
    LeaderboardsController,
    RecommendationsController,
  ],
  providers: [
    OrderCountsConsumer,
    RegionSalesConsumer,
    ProductsConsumer,
    ActivityConsumer,
    PurchasesConsumer,
    RecommendationsWorker,
    WorkGauges,
    SummaryRepository,
    PopularityRepository,
    RecommendationRepository,
    LeaderboardRows,
    { provide: LEADERBOARD_INDEX, inject: [CONFIG, LOGGER], useFactory: leaderboardIndexOf },
    Leaderboards,
  ],
})
export class AnalyticsModule {}
