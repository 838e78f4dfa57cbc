import { warehouseCode } from '@waybill/contracts';
import {
  blobStore,
  blobVariables,
  redisSettings,
  redisVariables,
  timeSpan,
} from '@waybill/service';
import { z } from 'zod';

/** The settings of inventory, besides those of every service. */
export const inventoryConfig = z
  .object({
    SHOP_CURRENCY: z
      .string()
      .regex(/^[A-Z]{3}$/, 'is an ISO 4217 code of three capital letters')
      .default('EUR'),
    RESERVATION_REVIEW_AFTER: timeSpan.prefault('20m'),
    RESERVATION_REVIEW_EVERY: timeSpan.prefault('30s'),
    LOW_STOCK_THRESHOLD: z.coerce.number().int().min(0).max(1_000_000).default(10),
    DEFAULT_WAREHOUSE: warehouseCode.default('MAIN'),
    AUTO_RESTOCK: z.stringbool().default(false),
    /** How many pictures a process resizes at once. */
    IMAGE_WORKERS: z.coerce.number().int().min(1).max(16).default(3),
    ...blobVariables,
    JOBS_EVERY: timeSpan.prefault('1s'),
    IMPORT_RETENTION: timeSpan.prefault('30d'),
    /** Redis, for the cache of catalogue entries. */
    ...redisVariables,
  })
  .transform((env) => ({
    shopCurrency: env.SHOP_CURRENCY,
    reservationReviewAfter: env.RESERVATION_REVIEW_AFTER,
    reservationReviewEvery: env.RESERVATION_REVIEW_EVERY,
    lowStockThreshold: env.LOW_STOCK_THRESHOLD,
    defaultWarehouse: env.DEFAULT_WAREHOUSE,
    autoRestock: env.AUTO_RESTOCK,
    imageWorkers: env.IMAGE_WORKERS,
    openBlobs: blobStore(env),
    jobsEvery: env.JOBS_EVERY,
    importRetention: env.IMPORT_RETENTION,
    redis: redisSettings(env),
  }));
export type InventoryConfig = z.output<typeof inventoryConfig>;
