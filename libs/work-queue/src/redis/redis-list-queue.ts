import type { RedisPool } from '@waybill/redis';
import { ListQueue, longestPop } from '../list-queue.ts';

/** A list queue on a Redis list; a `pop` that waits has a connection of its own. */
export class RedisListQueue extends ListQueue {
  private readonly key: string;

  constructor(
    name: string,
    private readonly pool: RedisPool,
  ) {
    super(name);
    this.key = `${pool.prefix}{work:${pool.service}.${name}}:list`;
  }

  async push(values: readonly string[]): Promise<void> {
    if (values.length > 0) await this.pool.use((redis) => redis.rpush(this.key, ...values));
  }

  async pop(wait = 0): Promise<string | undefined> {
    if (wait <= 0) return (await this.pool.use((redis) => redis.lpop(this.key))) ?? undefined;
    const seconds = Math.min(wait, longestPop) / 1_000;
    const popped = await this.pool.use((redis) => redis.blpop(this.key, seconds));
    return popped?.[1];
  }

  size(): Promise<number> {
    return this.pool.use((redis) => redis.llen(this.key));
  }
}
