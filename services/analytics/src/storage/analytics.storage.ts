import type { Stored } from '@waybill/persistence';
import { OrderCountsEntity, RegionSalesEntity } from './analytics.entities.ts';
import { orderCounts, regionSales } from './analytics.states.ts';
import { Analytics1763700000001 } from './migrations/1763700000001-analytics.ts';

/** What analytics stores. */
export const analyticsStorage: Stored = {
  tables: [orderCounts, regionSales],
  entities: [OrderCountsEntity, RegionSalesEntity],
  migrations: [Analytics1763700000001],
};
