import { warehouseCode } from '@waybill/contracts';
import {
  blobStore,
  blobVariables,
  type Environment,
  redisSettings,
  redisVariables,
  secret,
  timeSpan,
} from '@waybill/service';
import { webhookSecretForm } from '@waybill/webhooks';
import { z } from 'zod';

const developmentSecret = 'whsec_Y2FycmllcnMtZGV2ZWxvcG1lbnQtc2VjcmV0';
const usesSupplier = (env: Environment): boolean =>
  z.stringbool().safeParse(env['AUTO_RESTOCK']).data === true;

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
    SUPPLIER: z
      .string()
      .regex(/^[a-z][a-z0-9-]{0,39}$/, 'is a name, such as granary')
      .default('granary'),
    SUPPLIER_URL: z.url({ protocol: /^https?$/ }).default('http://127.0.0.1:8092'),
    SUPPLIER_API_KEY: secret('carriers-development-key', usesSupplier),
    SUPPLIER_WEBHOOK_SECRET: secret(developmentSecret, usesSupplier).refine(
      (secrets) => secrets.split(' ').every((each) => webhookSecretForm.test(each)),
      'is one or two (while it is changed) of whsec_ and base64, with a space between',
    ),
    SUPPLIER_REVIEW_AFTER: timeSpan.prefault('1h'),
    SUPPLIER_REVIEW_EVERY: timeSpan.prefault('30s'),
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
    supplier: env.SUPPLIER,
    supplierUrl: env.SUPPLIER_URL,
    supplierApiKey: env.SUPPLIER_API_KEY,
    // A secret that everybody knows authenticates nobody in a system that does not need it.
    supplierWebhookSecrets:
      env.AUTO_RESTOCK || env.SUPPLIER_WEBHOOK_SECRET !== developmentSecret
        ? env.SUPPLIER_WEBHOOK_SECRET.split(' ')
        : [],
    supplierReviewAfter: env.SUPPLIER_REVIEW_AFTER,
    supplierReviewEvery: env.SUPPLIER_REVIEW_EVERY,
    imageWorkers: env.IMAGE_WORKERS,
    openBlobs: blobStore(env),
    jobsEvery: env.JOBS_EVERY,
    importRetention: env.IMPORT_RETENTION,
    redis: redisSettings(env),
  }));
export type InventoryConfig = z.output<typeof inventoryConfig>;
