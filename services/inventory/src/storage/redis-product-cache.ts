import type { OnApplicationShutdown, OnModuleInit } from '@nestjs/common';
import type { RedisCommands, RedisPool } from '@waybill/redis';
import type { RedisSettings } from '@waybill/service';
import type { ListQueue } from '@waybill/work-queue';
import { type CatalogueEntry, type Load, NoProductCache, ProductCache } from './product-cache.ts';
import { RefreshHints } from './refresh-hints.ts';

type Found = CatalogueEntry | undefined;

/** Seconds until an entry expires: limits how long an entry is stale if Redis missed a change. */
const longest = 5;
/** Milliseconds before its end in which a reader's entry is loaded again, so that nobody waits for the database. */
const nearEnd = 2_000;
/** Milliseconds without caching after a change: longer than a read that began before the change. */
const barred = 2_000;
/** The value that blocks caching of a key. */
const bar = '-';
/** Replaces an entry, unless it was changed since it was read. */
const replacement = `if redis.call('get', KEYS[1]) ~= ARGV[1] then redis.call('set', KEYS[1], ARGV[2], 'EX', ARGV[3]) end`;

/**
 * Caches entries in Redis, for all replicas. While Redis is unavailable, every read goes to the database at once.
 * Concurrent reads of one entry share one, also while Redis is slow. An entry that is read shortly before it expires is loaded again by
 * one of the replicas.
 */
export class RedisProductCache extends ProductCache implements OnModuleInit, OnApplicationShutdown {
  private readonly reading = new Map<string, Promise<Found>>();
  private readonly hints: RefreshHints;
  /** How this process loads entries, known from its first read. */
  private loader: Load = async () => undefined;

  constructor(
    private readonly redis: RedisCommands,
    private readonly pool: RedisPool,
    hinted: ListQueue,
  ) {
    super();
    this.hints = new RefreshHints(hinted, (sku) => this.refresh(sku));
  }

  /** Rejects for invalid settings, but not if Redis is unavailable. */
  async onModuleInit(): Promise<void> {
    await Promise.all([this.redis.open(), this.pool.open()]);
  }

  read(sku: string, load: Load): Promise<Found> {
    this.loader = load;
    this.hints.work();
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
    await this.hints.stop();
    await Promise.all([this.redis.close(), this.pool.close()]);
  }

  private async find(sku: string, load: Load): Promise<Found> {
    const key = this.keyOf(sku);
    const answers = await this.request((client) => client.pipeline().get(key).pttl(key).exec());
    const [known = null, left = 0] = answers?.map(([, answer]) => answer) ?? [];
    const entry = entryFrom(known as string | null);
    if (entry && Number(left) < nearEnd) this.hints.give(sku);
    return entry ?? this.load(sku, load);
  }

  /** Does nothing if the entry was loaded already, or is gone: then the next reader loads it. */
  private async refresh(sku: string): Promise<void> {
    const key = this.keyOf(sku);
    const left = await this.request((client) => client.pttl(key));
    if (left === null || left < 0 || left >= nearEnd) return;
    const found = await this.loader(sku);
    if (!found) return;
    const text = JSON.stringify(found);
    await this.request((client) => client.eval(replacement, 1, key, bar, text, longest));
  }

  private async load(sku: string, load: Load): Promise<Found> {
    const found = await load(sku);
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
  const [{ redisCommands, RedisPool }, { RedisListQueue }] = await Promise.all([
    import('@waybill/redis'),
    import('@waybill/work-queue'),
  ]);
  const options = { ...settings, service: 'inventory', onTrouble };
  // One connection waits for hints, the other one sends them.
  const pool = new RedisPool({ ...options, limit: 2 });
  return new RedisProductCache(redisCommands(options), pool, new RedisListQueue('products', pool));
}
