import { Module } from '@nestjs/common';
import { MessagingModule } from '@waybill/messaging';
import { LOGGER, type Log } from '@waybill/observability';
import { PersistenceModule } from '@waybill/persistence';
import { CONFIG, ServiceModule, WorkGauges } from '@waybill/service';
import { WorkModule } from '@waybill/work-queue';
import { type AnalyticsConfig, analyticsConfig } from './analytics.config.ts';
import { MetricsExporter } from './export/metrics-exporter.ts';
import { ActivityController } from './http/activity.controller.ts';
import { AnalyticsController } from './http/analytics.controller.ts';
import { BehaviourController } from './http/behaviour.controller.ts';
import { LeaderboardsController } from './http/leaderboards.controller.ts';
import { LiveController } from './http/live.controller.ts';
import { LiveFeed } from './http/live-feed.ts';
import { MetricExportsController } from './http/metric-exports.controller.ts';
import { NetworkLimit } from './http/network-limit.ts';
import { RecommendationsController } from './http/recommendations.controller.ts';
import { SalesController } from './http/sales.controller.ts';
import { SessionRoom } from './http/session-room.ts';
import { ActivityConsumer } from './messages/activity.consumer.ts';
import { EnrichmentConsumer } from './messages/enrichment.consumer.ts';
import { MetricsConsumer } from './messages/metrics.consumer.ts';
import { OrderCountsConsumer } from './messages/order-counts.consumer.ts';
import { ProcessingConsumer } from './messages/processing.consumer.ts';
import { ProductsConsumer } from './messages/products.consumer.ts';
import { ProfilesConsumer } from './messages/profiles.consumer.ts';
import { PurchasesConsumer } from './messages/purchases.consumer.ts';
import { RecommendationsWorker } from './messages/recommendations.worker.ts';
import { RegionSalesConsumer } from './messages/region-sales.consumer.ts';
import { SessionsConsumer } from './messages/sessions.consumer.ts';
import { WindowsConsumer } from './messages/windows.consumer.ts';
import { StageRebuilder } from './rebuild/stage-rebuilder.ts';
import { analyticsInvariants } from './storage/analytics.invariants.ts';
import { analyticsStorage } from './storage/analytics.storage.ts';
import { BehaviourRepository } from './storage/behaviour.repository.ts';
import { KeptSessions } from './storage/kept-sessions.ts';
import { leaderboardIndexOf } from './storage/leaderboard.index.ts';
import { LeaderboardRows } from './storage/leaderboard.rows.ts';
import { LEADERBOARD_INDEX, Leaderboards } from './storage/leaderboards.ts';
import { LiveRepository } from './storage/live.repository.ts';
import { MetricExportRepository } from './storage/metric-export.repository.ts';
import { MetricsRepository } from './storage/metrics.repository.ts';
import { PopularityRepository } from './storage/popularity.repository.ts';
import { RecommendationRepository } from './storage/recommendation.repository.ts';
import { SalesRepository } from './storage/sales.repository.ts';
import { StageRebuildRepository } from './storage/stage-rebuild.repository.ts';
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

const stateTables = ['session_activities', 'visitor_activities', 'window_states', 'session_states'];
/** Longer than any allowed lateness and gap of a session together. */
const stateRetention = 2 * 86_400_000;

/** Counts orders, revenue, views and sales, and recommends products. */
@Module({
  imports: [
    ServiceModule.forRoot({
      name: 'analytics',
      config: analyticsConfig,
      invariants: (dataSource) => analyticsInvariants(dataSource),
      port: 8086,
      retained: ({ countedRetention, sessionRetention, metricsRetention, exportRetention }) => [
        { table: 'stage_rebuilds', at: 'finished_at', keep: exportRetention },
        { table: 'metric_exports', at: 'started_at', keep: exportRetention },
        { table: 'metric_export_pages', at: 'at', keep: exportRetention },
        { table: 'counted', at: 'at', keep: countedRetention },
        { table: 'enriched_activities', at: 'at', keep: countedRetention },
        { table: 'session_views', at: 'at', keep: sessionRetention },
        ...stateTables.map((table) => ({ table, at: 'at', keep: stateRetention })),
        { table: 'window_metrics', at: 'started_at', keep: metricsRetention },
        { table: 'session_metrics', at: 'started_at', keep: metricsRetention },
        { table: 'order_facts', at: 'placed_at', keep: metricsRetention },
      ],
    }),
    PersistenceModule.forRoot(analyticsStorage),
    MessagingModule.forRoot(),
    WorkModule.forRootAsync({ inject: [CONFIG, LOGGER], useFactory: workOf }),
  ],
  controllers: [
    AnalyticsController,
    ActivityController,
    BehaviourController,
    SalesController,
    LiveController,
    MetricExportsController,
    LeaderboardsController,
    RecommendationsController,
  ],
  providers: [
    OrderCountsConsumer,
    RegionSalesConsumer,
    ProductsConsumer,
    ActivityConsumer,
    PurchasesConsumer,
    ProfilesConsumer,
    EnrichmentConsumer,
    ProcessingConsumer,
    WindowsConsumer,
    SessionsConsumer,
    MetricsConsumer,
    KeptSessions,
    NetworkLimit,
    SessionRoom,
    MetricsRepository,
    BehaviourRepository,
    SalesRepository,
    LiveRepository,
    LiveFeed,
    MetricExportRepository,
    MetricsExporter,
    StageRebuildRepository,
    StageRebuilder,
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
