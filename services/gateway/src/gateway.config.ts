import { redisSettings, redisVariables } from '@waybill/service';
import { z } from 'zod';

/** The settings of the gateway, beside those that every service has. */
export const gatewayConfig = z
  .object({
    /** Requests a second that one address may make. */
    RATE_LIMIT: z.coerce.number().int().min(1).max(1_000_000).default(2_000),
    /** Where the counts of several gateways are shared. */
    ...redisVariables,
  })
  .transform((env) => ({ rateLimit: env.RATE_LIMIT, redis: redisSettings(env) }));
export type GatewayConfig = z.output<typeof gatewayConfig>;
