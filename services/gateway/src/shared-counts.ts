import type { RedisCommands } from '@waybill/redis';
import type { RedisSettings } from '@waybill/service';
import { RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible';

/** Counts that all gateways share. */
export interface SharedCounts {
  /** Counts one request of a key: true if it is within the limit; null if Redis is unavailable. */
  within(key: string): Promise<boolean | null>;
  close(): Promise<void>;
}

const isCount = (error: unknown): boolean => error instanceof RateLimiterRes;

/** Counts in Redis, per second. Returns null at once while Redis is unavailable. */
export class RedisCounts implements SharedCounts {
  private readonly limiter: RateLimiterRedis;

  constructor(
    private readonly redis: RedisCommands,
    perSecond: number,
  ) {
    this.limiter = new RateLimiterRedis({
      storeClient: redis.client,
      keyPrefix: `${redis.prefix}rate`,
      points: perSecond,
      duration: 1,
      // A key above the limit is refused without a call to Redis.
      inMemoryBlockOnConsumed: perSecond + 1,
      rejectIfRedisNotReady: true,
    });
  }

  async within(key: string): Promise<boolean | null> {
    try {
      await this.redis.attempt(() => this.limiter.consume(key), isCount);
      return true;
    } catch (error) {
      return isCount(error) ? false : null;
    }
  }

  close(): Promise<void> {
    return this.redis.close();
  }
}

/**
 * Opens the shared counts if the settings name a Redis; null without one. Rejects for an invalid setting, but not when
 * Redis is unavailable.
 */
export async function openSharedCounts(
  settings: RedisSettings,
  perSecond: number,
  onTrouble: (what: string, error: Error) => void,
): Promise<SharedCounts | null> {
  if (!settings) return null;
  const { redisCommands } = await import('@waybill/redis');
  const redis = redisCommands({ ...settings, service: 'gateway', onTrouble });
  try {
    await redis.open();
  } catch (error) {
    await redis.close();
    throw error;
  }
  return new RedisCounts(redis, perSecond);
}
