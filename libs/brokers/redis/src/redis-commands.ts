import { BrokerAway, type Clock, InvalidBrokerSetting, systemClock } from '@waybill/messaging';
import type { Redis } from 'ioredis';
import { explained } from './redis-errors.ts';
import { RedisLink } from './redis-link.ts';
import { prefixOf, type RedisOptions } from './redis-options.ts';

/** Milliseconds that a call may take. */
const longestCall = 100;
/** Milliseconds for which nobody asks a Redis that has just failed to answer. */
const rest = 1_000;
const patience = 1_000;

/**
 * Redis for what can do without it, such as caches and counters. A call never costs more than 100 ms, and while Redis is
 * away it costs nothing: it fails at once, and after a failure for a second.
 */
export class RedisCommands {
  /** The prefix of every key. */
  readonly prefix: string;
  private readonly link: RedisLink;
  private readonly clock: Clock;
  private restUntil = 0;

  constructor(options: RedisOptions) {
    this.prefix = prefixOf(options);
    this.clock = options.clock ?? systemClock;
    this.link = new RedisLink(options, 'commands');
  }

  /**
   * Connects, and waits a second for it at most: a Redis that is away is told as trouble and used once it is there.
   * Rejects with `InvalidBrokerSetting` where the URL, the user, the password or the certificate is wrong.
   */
  async open(): Promise<void> {
    try {
      await this.link.whenConnected(patience);
    } catch (error) {
      if (error instanceof InvalidBrokerSetting) throw error;
    }
  }

  /** The client, for libraries that bring their own commands; use it inside of `attempt`. */
  get client(): Redis {
    return this.link.redis;
  }

  /** True while a call would be tried. */
  get isUsable(): boolean {
    return this.link.state === 'connected' && this.clock.now().getTime() >= this.restUntil;
  }

  /**
   * What `call` answers; rejects with `BrokerAway` when Redis does not. `isAnswer` names what is rejected and still an
   * answer of Redis: it comes through as it is.
   */
  async attempt<T>(
    call: (redis: Redis) => Promise<T>,
    isAnswer: (error: unknown) => boolean = () => false,
  ): Promise<T> {
    if (!this.isUsable) {
      this.link.open();
      throw new BrokerAway('REDIS_URL', `${this.link.place} does not answer`);
    }
    try {
      return await this.inTime(call(this.link.redis));
    } catch (error) {
      if (isAnswer(error)) throw error;
      this.restUntil = this.clock.now().getTime() + rest;
      throw this.reasonOf(error);
    }
  }

  close(): Promise<void> {
    return this.link.close();
  }

  private async inTime<T>(answer: Promise<T>): Promise<T> {
    let forget = (): void => {};
    const late = new Promise<never>((_, reject) => {
      forget = this.clock.after(longestCall, () => reject(new Error('no answer in time')));
    });
    return Promise.race([answer, late]).finally(forget);
  }

  private reasonOf(error: unknown): BrokerAway | InvalidBrokerSetting {
    return explained(error, this.link.place);
  }
}

/** Makes a connection for commands; nothing connects yet. */
export const redisCommands = (options: RedisOptions): RedisCommands => new RedisCommands(options);
