import { warehouseCode } from '@waybill/contracts';
import { z } from 'zod';

const milliseconds = { s: 1_000, m: 60_000, h: 3_600_000 };

/** `30s`, `20m` or `1h`, as milliseconds. */
const duration = z
  .string()
  .regex(/^[1-9]\d{0,5}[smh]$/, 'is a duration such as 30s, 20m or 1h')
  .transform(
    (text) => Number(text.slice(0, -1)) * milliseconds[text.at(-1) as keyof typeof milliseconds],
  );

/** The settings of inventory, beside those that every service has. */
export const inventoryConfig = z
  .object({
    SHOP_CURRENCY: z
      .string()
      .regex(/^[A-Z]{3}$/, 'is an ISO 4217 code of three capital letters')
      .default('EUR'),
    RESERVATION_REVIEW_AFTER: duration.prefault('20m'),
    RESERVATION_REVIEW_EVERY: duration.prefault('30s'),
    LOW_STOCK_THRESHOLD: z.coerce.number().int().min(0).max(1_000_000).default(10),
    DEFAULT_WAREHOUSE: warehouseCode.default('MAIN'),
    AUTO_RESTOCK: z.stringbool().default(false),
  })
  .transform((env) => ({
    shopCurrency: env.SHOP_CURRENCY,
    reservationReviewAfter: env.RESERVATION_REVIEW_AFTER,
    reservationReviewEvery: env.RESERVATION_REVIEW_EVERY,
    lowStockThreshold: env.LOW_STOCK_THRESHOLD,
    defaultWarehouse: env.DEFAULT_WAREHOUSE,
    autoRestock: env.AUTO_RESTOCK,
  }));
export type InventoryConfig = z.output<typeof inventoryConfig>;
