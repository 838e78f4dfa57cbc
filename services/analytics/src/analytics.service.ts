import { defineService } from '@waybill/service';
import { analyticsConfig } from './analytics.config.ts';
import { AnalyticsModule } from './analytics.module.ts';
import { OrderCountsEntity, RegionSalesEntity } from './storage/analytics.entities.ts';
import { orderCounts, regionSales } from './storage/analytics.states.ts';
import { Analytics1763700000001 } from './storage/migrations/1763700000001-analytics.ts';

/** Counts orders and revenue. */
export const analyticsService = defineService({
  name: 'analytics',
  port: 8086,
  config: analyticsConfig,
  module: AnalyticsModule,
  tables: [orderCounts, regionSales],
  entities: [OrderCountsEntity, RegionSalesEntity],
  migrations: [Analytics1763700000001],
});
