import { redisSettings, redisVariables } from '@waybill/service';
import { z } from 'zod';

/** The settings of the gateway, besides those of every service. */
export const gatewayConfig = z
  .object({
    /** Requests per second that one address may make. */
    RATE_LIMIT: z.coerce.number().int().min(1).max(1_000_000).default(2_000),
    /** Redis, for counts shared by several gateways. */
    ...redisVariables,
  })
  .transform((env) => ({ rateLimit: env.RATE_LIMIT, redis: redisSettings(env) }));
export type GatewayConfig = z.output<typeof gatewayConfig>;
