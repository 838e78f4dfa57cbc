import type { OnApplicationShutdown, OnModuleInit } from '@nestjs/common';
import type { RedisCommands } from '@waybill/redis';
import type { RedisSettings } from '@waybill/service';
import { type CatalogueEntry, NoProductCache, ProductCache } from './product-cache.ts';

type Found = CatalogueEntry | undefined;

/** Seconds until an entry expires: limits how long an entry is stale if Redis missed a change. */
const longest = 5;
/** Milliseconds without caching after a change: longer than a read that began before the change. */
const barred = 2_000;
/** The value that blocks caching of a key. */
const bar = '-';

/**
 * Caches entries in Redis, for all replicas. While Redis is unavailable, every read goes to the database at once.
 * Concurrent reads of one entry share one, also while Redis is slow.
 */
export class RedisProductCache extends ProductCache implements OnModuleInit, OnApplicationShutdown {
  private readonly reading = new Map<string, Promise<Found>>();

  constructor(private readonly redis: RedisCommands) {
    super();
  }

  /** Rejects for invalid settings, but not if Redis is unavailable. */
  async onModuleInit(): Promise<void> {
    await this.redis.open();
  }

  read(sku: string, load: () => Promise<Found>): Promise<Found> {
    const underway = this.reading.get(sku);
    if (underway) return underway;
    const read = this.find(sku, load).finally(() => {
      if (this.reading.get(sku) === read) this.reading.delete(sku);
    });
    this.reading.set(sku, read);
    return read;
  }

  async forget(sku: string): Promise<void> {
    this.reading.delete(sku);
    await this.request((client) => client.set(this.keyOf(sku), bar, 'PX', barred));
  }

  async onApplicationShutdown(): Promise<void> {
    await this.redis.close();
  }

  private async find(sku: string, load: () => Promise<Found>): Promise<Found> {
    const known = await this.request((client) => client.get(this.keyOf(sku)));
    return entryFrom(known) ?? this.load(sku, load);
  }

  private async load(sku: string, load: () => Promise<Found>): Promise<Found> {
    const found = await load();
    // Only if the key is absent, so that an entry read before a change does not overwrite the block that follows it.
    if (found) {
      const text = JSON.stringify(found);
      await this.request((client) => client.set(this.keyOf(sku), text, 'EX', longest, 'NX'));
    }
    return found;
  }

  /** Null if Redis does not respond. */
  private request<T>(call: Parameters<typeof this.redis.attempt<T>>[0]): Promise<T | null> {
    return this.redis.attempt(call).catch(() => null);
  }

  private keyOf(sku: string): string {
    return `${this.redis.prefix}product:${sku}`;
  }
}

function entryFrom(text: string | null): Found {
  if (text === null || text === bar) return undefined;
  try {
    const entry: unknown = JSON.parse(text);
    // An earlier release stored entries without it.
    return (entry as Partial<CatalogueEntry>).revision ? (entry as CatalogueEntry) : undefined;
  } catch {
    // Something else wrote this value; it expires within seconds.
    return undefined;
  }
}

/** The cache of the settings; it connects when its application starts. */
export async function productCacheOf(
  settings: RedisSettings,
  onTrouble: (what: string, error: Error) => void,
): Promise<ProductCache> {
  if (!settings) return new NoProductCache();
  const { redisCommands } = await import('@waybill/redis');
  return new RedisProductCache(redisCommands({ ...settings, service: 'inventory', onTrouble }));
}
