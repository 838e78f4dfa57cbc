import type { RedisCommands } from '@waybill/redis';
import type { RedisSettings } from '@waybill/service';
import { RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible';

/** Counts that all gateways share. */
export interface SharedCounts {
  /** Counts one request of a key: true when it is within the limit; null when nobody knows, because Redis is away. */
  within(key: string): Promise<boolean | null>;
  close(): Promise<void>;
}

const isCount = (error: unknown): boolean => error instanceof RateLimiterRes;

/** Counts in Redis, by the second. While Redis is away it answers null at once. */
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
      // Who is above the limit is refused without asking Redis again.
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
 * Opens the shared counts where the settings name a Redis; null without one. Rejects when a setting is wrong, not when
 * Redis is away.
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
