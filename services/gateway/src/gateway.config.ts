import { redisSettings, redisVariables } from '@waybill/service';
import { z } from 'zod';
import { trustedProxies } from './trusted-proxies.config.ts';
import { socketLimits, socketVariables } from './ws/socket.config.ts';

/** The settings of the gateway, besides those of every service. */
export const gatewayConfig = z
  .object({
    /** Requests per second that one address may make; of IPv6, one /64. */
    RATE_LIMIT: z.coerce.number().int().min(1).max(1_000_000).default(2_000),
    /** The proxies in front of the gateway, whose `X-Forwarded-For` is believed: addresses, CIDR ranges, `loopback`, `linklocal`, `uniquelocal`, separated by commas; default: none. */
    TRUSTED_PROXIES: trustedProxies,
    /** How many streams of availability one caller may have open; each is a call of inventory. */
    STREAMS_PER_CALLER: z.coerce.number().int().min(1).max(10_000).default(20),
    /** How many of these streams all callers together may have open. */
    STREAMS: z.coerce.number().int().min(1).max(100_000).default(400),
    ...socketVariables,
    /** Redis, for counts shared by several gateways. */
    ...redisVariables,
  })
  .transform((env) => ({
    rateLimit: env.RATE_LIMIT,
    trustedProxies: env.TRUSTED_PROXIES,
    streams: { perCaller: env.STREAMS_PER_CALLER, total: env.STREAMS },
    sockets: socketLimits(env),
    redis: redisSettings(env),
  }));
export type GatewayConfig = z.output<typeof gatewayConfig>;
