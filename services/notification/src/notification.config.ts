import { redisSettings, redisVariables, timeSpan } from '@waybill/service';
import { z } from 'zod';

/** The settings of notification, besides those of every service. */
export const notificationConfig = z
  .object({
    /** How long e-mails are kept. */
    DELIVERY_RETENTION: timeSpan.prefault('90d'),
    /** How many connections to Redis the work queues may have. */
    REDIS_POOL: z.coerce.number().int().min(1).max(100).default(4),
    /** Redis, for work queues. */
    ...redisVariables,
  })
  .transform((env) => ({
    deliveryRetention: env.DELIVERY_RETENTION,
    redisPool: env.REDIS_POOL,
    redis: redisSettings(env),
  }));
export type NotificationConfig = z.output<typeof notificationConfig>;
