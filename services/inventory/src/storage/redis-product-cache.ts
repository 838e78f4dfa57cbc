import type { OnApplicationShutdown, OnModuleInit } from '@nestjs/common';
import type { RedisCommands } from '@waybill/redis';
import type { RedisSettings } from '@waybill/service';
import { type CatalogueEntry, NoProductCache, ProductCache } from './product-cache.ts';

type Found = CatalogueEntry | undefined;

/** Seconds after which an entry is forgotten, whatever happens: it bounds what a change costs that Redis missed. */
const longest = 5;
/** Milliseconds for which nothing is remembered after a change: longer than a read that began before it. */
const barred = 2_000;
/** What bars a key. */
const bar = '-';

/**
 * Remembers entries in Redis, for all replicas. While Redis is away every read goes to the database, at once. Many who
 * miss the same entry wait for one read.
 */
export class RedisProductCache extends ProductCache implements OnModuleInit, OnApplicationShutdown {
  private readonly loading = new Map<string, Promise<Found>>();

  constructor(private readonly redis: RedisCommands) {
    super();
  }

  /** Rejects when its settings are wrong, not when Redis is away. */
  async onModuleInit(): Promise<void> {
    await this.redis.open();
  }

  async read(sku: string, load: () => Promise<Found>): Promise<Found> {
    const known = await this.ask((client) => client.get(this.keyOf(sku)));
    return entryFrom(known) ?? this.joined(sku, load);
  }

  async forget(sku: string): Promise<void> {
    this.loading.delete(sku);
    await this.ask((client) => client.set(this.keyOf(sku), bar, 'PX', barred));
  }

  async onApplicationShutdown(): Promise<void> {
    await this.redis.close();
  }

  private joined(sku: string, load: () => Promise<Found>): Promise<Found> {
    const underway = this.loading.get(sku);
    if (underway) return underway;
    const loaded = this.load(sku, load).finally(() => {
      if (this.loading.get(sku) === loaded) this.loading.delete(sku);
    });
    this.loading.set(sku, loaded);
    return loaded;
  }

  private async load(sku: string, load: () => Promise<Found>): Promise<Found> {
    const found = await load();
    // Only where nothing is: what was read before a change must not come after it.
    if (found) {
      const text = JSON.stringify(found);
      await this.ask((client) => client.set(this.keyOf(sku), text, 'EX', longest, 'NX'));
    }
    return found;
  }

  /** Null when Redis has no answer. */
  private ask<T>(call: Parameters<typeof this.redis.attempt<T>>[0]): Promise<T | null> {
    return this.redis.attempt(call).catch(() => null);
  }

  private keyOf(sku: string): string {
    return `${this.redis.prefix}product:${sku}`;
  }
}

function entryFrom(text: string | null): Found {
  if (text === null || text === bar) return undefined;
  try {
    return JSON.parse(text) as CatalogueEntry;
  } catch {
    // Somebody else wrote it; it is gone in seconds.
    return undefined;
  }
}

/** The cache that the settings ask for; it connects with its application. */
export async function productCacheOf(
  settings: RedisSettings,
  onTrouble: (what: string, error: Error) => void,
): Promise<ProductCache> {
  if (!settings) return new NoProductCache();
  const { redisCommands } = await import('@waybill/redis');
  return new RedisProductCache(redisCommands({ ...settings, service: 'inventory', onTrouble }));
}
