import { z } from 'zod';

/** The settings of analytics, besides those of every service. */
export const analyticsConfig = z
  .object({
    SHOP_CURRENCY: z
      .string()
      .regex(/^[A-Z]{3}$/, 'is an ISO 4217 code of three capital letters')
      .default('EUR'),
  })
  .transform((env) => ({ shopCurrency: env.SHOP_CURRENCY }));
export type AnalyticsConfig = z.output<typeof analyticsConfig>;
