import type { Log } from '@waybill/observability';
import type { RedisCommands, RedisPattern } from '@waybill/redis';
import type { RedisSettings } from '@waybill/service';
import type { PeerEvents, PeerLink } from './peer-link.ts';
import type { TicketStore } from './tickets.ts';

/** Injects the `RedisSettings`, or null. */
export const REDIS_SETTINGS = Symbol('waybill:redis-settings');

/** Of its own, because a user of Redis has rights on patterns as they are written. */
const start = 'ws:';
const topic = `${start}peers`;

/** What several gateways share about their WebSockets, in Redis: tickets as keys, everything else by pub/sub. */
export class SharedSockets implements PeerLink, TicketStore {
  private pattern: RedisPattern | null = null;

  constructor(
    private readonly redis: RedisCommands,
    private readonly observe: (events: PeerEvents) => RedisPattern,
  ) {}

  /** Without the time limit of `attempt`: nobody waits for it, and what is given up is lost. */
  publish(text: string): Promise<unknown> {
    const { client, prefix } = this.redis;
    const send = () => client.publish(`${prefix}${topic}`, text);
    return client.status === 'ready' ? send() : this.redis.attempt(send);
  }

  open(events: PeerEvents): void {
    this.pattern = this.observe(events);
    this.pattern.open();
  }

  async close(): Promise<void> {
    await Promise.all([this.pattern?.close(), this.redis.close()]);
  }

  async put(key: string, value: string, seconds: number): Promise<void> {
    await this.redis.attempt((redis) => redis.set(this.keyOf(key), value, 'EX', seconds));
  }

  take(key: string): Promise<string | null> {
    return this.redis.attempt((redis) => redis.getdel(this.keyOf(key)));
  }

  private keyOf(key: string): string {
    return `${this.redis.prefix}ws:ticket:${key}`;
  }
}

/** Shares by the Redis of the settings; null without one. Connects later, also if Redis is unavailable. */
export async function sharedSockets(
  settings: RedisSettings,
  log: Log,
): Promise<SharedSockets | null> {
  if (!settings) return null;
  const { RedisPattern, redisCommands } = await import('@waybill/redis');
  const onTrouble = (what: string, error: Error): void => log.warn({ error }, what);
  const options = { ...settings, service: 'gateway', onTrouble };
  return new SharedSockets(
    redisCommands(options),
    ({ message, subscribed }) =>
      new RedisPattern(options, start, { message: (_, body) => message(body), subscribed }),
  );
}
