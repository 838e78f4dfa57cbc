import { warehouseCode } from '@waybill/contracts';
import {
  addressOrSandbox,
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
    /** The currency of the shop. */
    SHOP_CURRENCY: z
      .string()
      .regex(/^[A-Z]{3}$/, 'is an ISO 4217 code of three capital letters')
      .default('EUR'),
    /** After which time a reservation without an outcome is looked at. */
    RESERVATION_REVIEW_AFTER: timeSpan.prefault('20m'),
    /** How often such reservations are looked for. */
    RESERVATION_REVIEW_EVERY: timeSpan.prefault('30s'),
    /** From how many units on downwards stock is low. */
    LOW_STOCK_THRESHOLD: z.coerce.number().int().min(0).max(1_000_000).default(10),
    /** The warehouse of deliveries that name none. */
    DEFAULT_WAREHOUSE: warehouseCode.default('MAIN'),
    /** Whether low stock is ordered at the supplier. */
    AUTO_RESTOCK: z.stringbool().default(false),
    /** The name of the supplier. */
    SUPPLIER: z
      .string()
      .regex(/^[a-z][a-z0-9-]{0,39}$/, 'is a name, such as granary')
      .default('granary'),
    /** Where its API is. */
    SUPPLIER_URL: addressOrSandbox('http://127.0.0.1:8092', usesSupplier),
    /** Authenticates inventory to the supplier. */
    SUPPLIER_API_KEY: secret('carriers-development-key', usesSupplier),
    /** Signs the webhooks of the supplier. */
    SUPPLIER_WEBHOOK_SECRET: secret(developmentSecret, usesSupplier).refine(
      (text) => text.split(' ').every((each) => webhookSecretForm.test(each)),
      'is one or two (while it is changed) of whsec_ and base64, with a space between',
    ),
    /** After which time without a delivery the supplier is queried. */
    SUPPLIER_REVIEW_AFTER: timeSpan.prefault('1h'),
    /** How often such orders are looked for. */
    SUPPLIER_REVIEW_EVERY: timeSpan.prefault('30s'),
    /** How many pictures a process resizes at once. */
    IMAGE_WORKERS: z.coerce.number().int().min(1).max(16).default(3),
    ...blobVariables,
    /** How often waiting imports are looked for. */
    JOBS_EVERY: timeSpan.prefault('1s'),
    /** How long imported files and their reports are kept. */
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
