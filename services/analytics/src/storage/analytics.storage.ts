import type { Stored } from '@waybill/persistence';
import { serviceMigrations } from '@waybill/service';
import { orderCounts, regionSales } from './analytics.entities.ts';
import { Analytics1763700000001 } from './migrations/1763700000001-analytics.ts';

/** The tables of analytics. */
export const analyticsStorage: Stored = {
  tables: [orderCounts, regionSales],
  migrations: [Analytics1763700000001, ...serviceMigrations],
};
