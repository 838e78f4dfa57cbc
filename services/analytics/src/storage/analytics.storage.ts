import type { Stored } from '@waybill/persistence';
import { serviceMigrations } from '@waybill/service';
import { workMigrations } from '@waybill/work-queue';
import { orderCounts, regionSales } from './analytics.entities.ts';
import { Analytics1763700000001 } from './migrations/1763700000001-analytics.ts';
import { Popularity1796806000010 } from './migrations/1796806000010-popularity.ts';
import {
  CountedEntity,
  CustomerCountsEntity,
  ErasedCustomerEntity,
  ProductCountsEntity,
  ProductPairEntity,
  products,
  RecommendationEntity,
  SessionViewEntity,
} from './popularity.entities.ts';

/** The tables of analytics. */
export const analyticsStorage: Stored = {
  tables: [orderCounts, regionSales, products],
  entities: [
    ProductCountsEntity,
    CustomerCountsEntity,
    ErasedCustomerEntity,
    ProductPairEntity,
    SessionViewEntity,
    CountedEntity,
    RecommendationEntity,
  ],
  migrations: [
    Analytics1763700000001,
    ...serviceMigrations,
    ...workMigrations,
    Popularity1796806000010,
  ],
};
