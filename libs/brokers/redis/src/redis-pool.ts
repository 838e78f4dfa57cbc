import { BrokerAway, type Clock, InvalidBrokerSetting, systemClock } from '@waybill/messaging';
import type { Redis } from 'ioredis';
import { explained } from './redis-errors.ts';
import { RedisLink } from './redis-link.ts';
import { prefixOf, type RedisOptions } from './redis-options.ts';

/** How long a call waits for a connection that is established, or that another call uses, in milliseconds. */
const patience = 1_000;

/** How many connections a pool may open, and how many of them serve a call now. */
export interface PoolUse {
  readonly limit: number;
  readonly open: number;
  readonly active: number;
}

/**
 * At most `limit` connections, each for one call at a time: a call that waits in Redis (`BLPOP`) delays no other. While Redis is
 * unavailable calls fail at once; a call for which no connection becomes free within a second fails too.
 */
export class RedisPool {
  /** The prefix of every key and channel. */
  readonly prefix: string;
  /** Whose calls these are, for the names of keys that a service has alone. */
  readonly service: string;
  private readonly links: RedisLink[] = [];
  private readonly idle: RedisLink[] = [];
  private readonly waiting: ((link: RedisLink) => void)[] = [];
  private readonly clock: Clock;
  private readonly limit: number;

  constructor(private readonly options: RedisOptions & { readonly limit?: number }) {
    this.prefix = prefixOf(options);
    this.service = options.service;
    this.clock = options.clock ?? systemClock;
    this.limit = options.limit ?? 4;
  }

  /**
   * Opens the first connection, and waits at most one second. Rejects with `InvalidBrokerSetting` if the URL, the user, the password
   * or the certificate is wrong; an unavailable Redis is reported to `onTrouble`, and used once it is reachable.
   */
  async open(): Promise<void> {
    await this.use(async () => undefined).catch((error: unknown) => {
      if (error instanceof InvalidBrokerSetting) throw error;
    });
  }

  /** For metrics. */
  get used(): PoolUse {
    const { length: open } = this.links;
    return { limit: this.limit, open, active: open - this.idle.length };
  }

  /**
   * Returns the result of `call`, which has a connection of its own until it settles, and answers within a second. Rejects with
   * `BrokerAway` if Redis does not respond; errors that are responses of Redis are rethrown unchanged.
   */
  async use<T>(call: (redis: Redis) => Promise<T>): Promise<T> {
    const link = await this.take();
    try {
      if (link.state === 'idle') await link.whenConnected(patience);
      if (link.state !== 'connected')
        throw new BrokerAway('REDIS_URL', `${link.place} does not answer`);
      return await call(link.redis);
    } catch (error) {
      if ((error as Error).name === 'ReplyError') throw error;
      throw error instanceof BrokerAway ? error : explained(error, link.place);
    } finally {
      this.free(link);
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.links.map((link) => link.close()));
  }

  private async take(): Promise<RedisLink> {
    const idle = this.idle.pop();
    if (idle) return idle;
    if (this.links.length < this.limit) {
      const link = new RedisLink(this.options, 'commands');
      this.links.push(link);
      return link;
    }
    return this.nextFree();
  }

  private nextFree(): Promise<RedisLink> {
    return new Promise((resolve, reject) => {
      const freed = (link: RedisLink): void => {
        forget();
        resolve(link);
      };
      const forget = this.clock.after(patience, () => {
        this.waiting.splice(this.waiting.indexOf(freed), 1);
        reject(new BrokerAway('REDIS_URL', `all ${this.limit} connections are in use`));
      });
      this.waiting.push(freed);
    });
  }

  private free(link: RedisLink): void {
    const next = this.waiting.shift();
    if (next) next(link);
    else this.idle.push(link);
  }
}
