import { timeSpan } from '@waybill/service';
import { z } from 'zod';

const count = (fallback: number) => z.coerce.number().int().min(1).default(fallback);

/** The settings of the order service. */
export const orderConfig = z
  .object({
    SHOP_CURRENCY: z
      .string()
      .regex(/^[A-Z]{3}$/, 'is an ISO 4217 currency code of three capital letters')
      .default('EUR'),
    /** The reply timeout: how long after the broker's confirm a missing reply counts as timed out. */
    SAGA_NET: timeSpan.prefault('15m'),
    /** New orders are refused while more than this number are not settled. */
    MAX_OPEN_ORDERS: count(100_000),
  })
  .transform((env) => ({
    shopCurrency: env.SHOP_CURRENCY,
    sagaNetMs: env.SAGA_NET,
    maxOpenOrders: env.MAX_OPEN_ORDERS,
  }));
export type OrderConfig = z.output<typeof orderConfig>;
