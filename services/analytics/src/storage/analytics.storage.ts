import type { Stored } from '@waybill/persistence';
import { serviceMigrations } from '@waybill/service';
import { workMigrations } from '@waybill/work-queue';
import { orderCounts, orderFacts, regionSales } from './analytics.entities.ts';
import { MetricExportEntity } from './metric-export.entity.ts';
import { SessionMetricsEntity, WindowMetricsEntity } from './metrics.entities.ts';
import { Analytics1763700000001 } from './migrations/1763700000001-analytics.ts';
import { Popularity1796806000010 } from './migrations/1796806000010-popularity.ts';
import { ActivityPipeline1796813000001 } from './migrations/1796813000001-activity-pipeline.ts';
import { MetricExports1797100000001 } from './migrations/1797100000001-metric-exports.ts';
import { StageRebuilds1797100000002 } from './migrations/1797100000002-stage-rebuilds.ts';
import {
  customerProfiles,
  enrichedActivities,
  sessionActivities,
  sessionStates,
  visitorActivities,
  windowStates,
} from './pipeline.entities.ts';
import {
  CountedEntity,
  customerCounts,
  ErasedCustomerEntity,
  ProductCountsEntity,
  ProductPairEntity,
  products,
  RecommendationEntity,
  SessionViewEntity,
} from './popularity.entities.ts';

/** The tables of analytics. */
export const analyticsStorage: Stored = {
  tables: [
    orderCounts,
    regionSales,
    orderFacts,
    products,
    customerCounts,
    customerProfiles,
    enrichedActivities,
    sessionActivities,
    visitorActivities,
    windowStates,
    sessionStates,
  ],
  entities: [
    ProductCountsEntity,
    ErasedCustomerEntity,
    ProductPairEntity,
    SessionViewEntity,
    CountedEntity,
    RecommendationEntity,
    WindowMetricsEntity,
    SessionMetricsEntity,
    MetricExportEntity,
  ],
  migrations: [
    Analytics1763700000001,
    ...serviceMigrations,
    ...workMigrations,
    Popularity1796806000010,
    ActivityPipeline1796813000001,
    MetricExports1797100000001,
    StageRebuilds1797100000002,
  ],
};
