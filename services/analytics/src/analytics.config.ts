import { redisSettings, redisVariables, timeSpan } from '@waybill/service';
import { z } from 'zod';

/** The settings of analytics, besides those of every service. */
export const analyticsConfig = z
  .object({
    SHOP_CURRENCY: z
      .string()
      .regex(/^[A-Z]{3}$/, 'is an ISO 4217 code of three capital letters')
      .default('EUR'),
    /** How many activities a session may report in a minute. */
    ACTIVITY_LIMIT: z.coerce.number().int().min(1).max(1_000_000).default(6_000),
    /** How long the ids of counted activities and orders are kept, and for how long a session has seen a product. */
    COUNTED_RETENTION: timeSpan.prefault('30d'),
    SESSION_RETENTION: timeSpan.prefault('1d'),
    /** How many connections to Redis the work queues may have. */
    REDIS_POOL: z.coerce.number().int().min(1).max(100).default(4),
    /** Redis, for leaderboards and work queues. */
    ...redisVariables,
  })
  .transform((env) => ({
    shopCurrency: env.SHOP_CURRENCY,
    activityLimit: env.ACTIVITY_LIMIT,
    countedRetention: env.COUNTED_RETENTION,
    sessionRetention: env.SESSION_RETENTION,
    redisPool: env.REDIS_POOL,
    redis: redisSettings(env),
  }));
export type AnalyticsConfig = z.output<typeof analyticsConfig>;
