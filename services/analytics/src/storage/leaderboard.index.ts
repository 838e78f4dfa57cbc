import type { Log } from '@waybill/observability';
import type { RedisCommands } from '@waybill/redis';
import type { AnalyticsConfig } from '../analytics.config.ts';
import { type LeaderboardName, leaderboardNames, type Ranked } from '../domain/leaderboard.ts';

/** How many entries of a leaderboard are kept. */
export const longestBoard = 1_000;
/** Seconds for which a built leaderboard is trusted without another sweep. */
const trusted = 120;

/**
 * Leaderboards as sorted sets in Redis. Scores only grow, so a late update changes nothing. What cannot be trusted is null: a set that was
 * wiped, never built, or that missed an update.
 */
export class LeaderboardIndex {
  private missed = false;

  constructor(private readonly redis: RedisCommands) {}

  /** Rejects for invalid settings, but not if Redis is unavailable. */
  open(): Promise<void> {
    return this.redis.open();
  }

  async top(name: LeaderboardName, limit: number): Promise<readonly Ranked[] | null> {
    if (this.missed) await this.distrust();
    const found = await this.attempt((client) =>
      client
        .multi()
        .exists(this.builtKey(name))
        .zrevrange(this.key(name), 0, limit - 1, 'WITHSCORES')
        .exec(),
    );
    const [built, entries] = found?.map(([, value]) => value) ?? [];
    return built === 1 ? rankedOf(entries as string[]) : null;
  }

  /** Raises the scores of entries; remembers that it could not. */
  async raise(name: LeaderboardName, entries: readonly Ranked[]): Promise<void> {
    const scored = entries.filter(({ score }) => score > 0);
    if (scored.length > 0 && (await this.write(name, scored)) === null) this.missed = true;
  }

  async remove(name: LeaderboardName, ids: readonly string[]): Promise<void> {
    if (ids.length === 0) return;
    const removed = await this.attempt((client) => client.zrem(this.key(name), ...ids));
    if (removed === null) this.missed = true;
  }

  /** The ids of all entries. */
  async ids(name: LeaderboardName): Promise<readonly string[]> {
    return (await this.attempt((client) => client.zrange(this.key(name), 0, -1))) ?? [];
  }

  /** Adds the first entries as their rows have them, and trusts the leaderboard from now on. */
  async build(name: LeaderboardName, entries: readonly Ranked[]): Promise<void> {
    if (entries.length > 0 && (await this.write(name, entries)) === null) return;
    await this.attempt((client) =>
      client
        .multi()
        .zremrangebyrank(this.key(name), 0, -longestBoard - 1)
        .set(this.builtKey(name), '1', 'EX', trusted)
        .exec(),
    );
  }

  close(): Promise<void> {
    return this.redis.close();
  }

  /** Every process reads the rows until the next sweep has built the leaderboards again. */
  private async distrust(): Promise<void> {
    const keys = leaderboardNames.map((name) => this.builtKey(name));
    if ((await this.attempt((client) => client.del(...keys))) !== null) this.missed = false;
  }

  private write(name: LeaderboardName, entries: readonly Ranked[]): Promise<unknown> {
    const scores = entries.flatMap(({ id, score }) => [score, id]);
    return this.attempt((client) => client.zadd(this.key(name), 'GT', ...scores));
  }

  /** Null if Redis does not respond. */
  private attempt<T>(call: Parameters<typeof this.redis.attempt<T>>[0]): Promise<T | null> {
    return this.redis.attempt(call).catch(() => null);
  }

  /** The braces keep both keys of a leaderboard in one slot of a cluster. */
  private key(name: LeaderboardName): string {
    return `${this.redis.prefix}{leaderboards}:${name}`;
  }

  private builtKey(name: LeaderboardName): string {
    return `${this.key(name)}:built`;
  }
}

const rankedOf = (flat: readonly string[]): Ranked[] =>
  flat.flatMap((id, at) => (at % 2 === 0 ? [{ id, score: Number(flat[at + 1]) }] : []));

/** The index of the settings; null without Redis. It connects when its application starts. */
export async function leaderboardIndexOf(
  { redis }: AnalyticsConfig,
  log: Log,
): Promise<LeaderboardIndex | null> {
  if (!redis) return null;
  const { redisCommands } = await import('@waybill/redis');
  const onTrouble = (what: string, error: Error) => log.warn({ error }, what);
  return new LeaderboardIndex(redisCommands({ ...redis, service: 'analytics', onTrouble }));
}
