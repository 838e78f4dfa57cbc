import { maxAmount } from '@waybill/contracts';
import {
  outlastsRedelivery,
  redeliveryVariables,
  redisSettings,
  redisVariables,
  timeSpan,
} from '@waybill/service';
import { z } from 'zod';

/** The settings of analytics, besides those of every service. */
export const analyticsConfig = z
  .object({
    /** The currency of the shop. */
    SHOP_CURRENCY: z
      .string()
      .regex(/^[A-Z]{3}$/, 'is an ISO 4217 code of three capital letters')
      .default('EUR'),
    /** How many activities a session may report in a minute. */
    ACTIVITY_LIMIT: z.coerce.number().int().min(1).max(1_000_000).default(60_000),
    /** Of how many sessions the pipeline keeps states; more anonymous ones are refused until states are deleted, two days after their last activity. */
    SESSION_LIMIT: z.coerce.number().int().min(1).max(1_000_000_000).default(1_000_000),
    /** How many new anonymous sessions one address may report in an hour, to one process; of IPv6, one /64. Behind a proxy that `TRUSTED_PROXIES` of the gateway does not name, all visitors are one. */
    SESSIONS_PER_ADDRESS: z.coerce.number().int().min(1).max(1_000_000).default(10_000),
    /** How long the ids of counted activities and orders are kept; longer than `LONGEST_REDELIVERY`, so that nothing counts twice. */
    COUNTED_RETENTION: timeSpan.prefault('30d'),
    ...redeliveryVariables,
    /** For how long a session has seen a product. */
    SESSION_RETENTION: timeSpan.prefault('1d'),
    /** From which total on an order is published as one of high value, in minor units. */
    HIGH_VALUE_ORDER: z.coerce.number().int().min(1).max(maxAmount).default(100_000),
    /** By how much an activity may be older than the newest one of its visitor and still count in windows and sessions. */
    ALLOWED_LATENESS: timeSpan.refine((ms) => ms <= 3_600_000, 'is at most 1h').prefault('5m'),
    /** After how long without an activity a session is over. */
    SESSION_GAP: timeSpan
      .refine((ms) => ms >= 60_000 && ms <= 86_400_000, 'is between 1m and 24h')
      .prefault('30m'),
    /** How long results of windows and sessions gather before they are published. */
    METRICS_DELAY: timeSpan.refine((ms) => ms <= 60_000, 'is at most 1m').prefault('1s'),
    /** How long windows, sessions and the facts of orders are kept. */
    METRICS_RETENTION: timeSpan.refine((ms) => ms >= 86_400_000, 'is at least 1d').prefault('90d'),
    /** How often waiting exports, and stages to be rebuilt, are looked for. */
    JOBS_EVERY: timeSpan.prefault('1s'),
    /** How long exported files, and rebuilds of stages that are done, are kept. */
    EXPORT_RETENTION: timeSpan.prefault('7d'),
    /** How many connections to Redis the work queues may have. */
    REDIS_POOL: z.coerce.number().int().min(1).max(100).default(4),
    /** Redis, for leaderboards and work queues. */
    ...redisVariables,
  })
  .superRefine(outlastsRedelivery('COUNTED_RETENTION'))
  .transform((env) => ({
    shopCurrency: env.SHOP_CURRENCY,
    activityLimit: env.ACTIVITY_LIMIT,
    sessionLimit: env.SESSION_LIMIT,
    sessionsPerAddress: env.SESSIONS_PER_ADDRESS,
    countedRetention: env.COUNTED_RETENTION,
    sessionRetention: env.SESSION_RETENTION,
    highValueOrder: env.HIGH_VALUE_ORDER,
    allowedLateness: env.ALLOWED_LATENESS,
    sessionGap: env.SESSION_GAP,
    metricsDelay: env.METRICS_DELAY,
    metricsRetention: env.METRICS_RETENTION,
    jobsEvery: env.JOBS_EVERY,
    exportRetention: env.EXPORT_RETENTION,
    redisPool: env.REDIS_POOL,
    redis: redisSettings(env),
  }));
export type AnalyticsConfig = z.output<typeof analyticsConfig>;
