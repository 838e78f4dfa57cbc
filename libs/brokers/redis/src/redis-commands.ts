import { BrokerAway, type Clock, InvalidBrokerSetting, systemClock } from '@waybill/messaging';
import type { Redis } from 'ioredis';
import { explained } from './redis-errors.ts';
import { RedisLink } from './redis-link.ts';
import { prefixOf, type RedisOptions } from './redis-options.ts';

/** Timeout of a call in milliseconds. */
const longestCall = 100;
/** Milliseconds without calls after a failed one. */
const rest = 1_000;
const patience = 1_000;

/**
 * Redis for optional data, such as caches and counters. A call never takes more than 100 ms. While Redis is
 * unavailable, calls fail at once; after a failed call, they do so for one second.
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
   * Connects, and waits at most one second. Rejects with `InvalidBrokerSetting` if the URL, the user, the password or
   * the certificate is wrong. An unavailable Redis is reported to `onTrouble`, and used once it is reachable.
   */
  async open(): Promise<void> {
    try {
      await this.link.whenConnected(patience);
    } catch (error) {
      if (error instanceof InvalidBrokerSetting) throw error;
    }
  }

  /** The client, for libraries with their own commands; call it inside `attempt`, or, while it is ready, where nobody waits. */
  get client(): Redis {
    return this.link.redis;
  }

  /** True if a call would be attempted. */
  get isUsable(): boolean {
    return this.link.state === 'connected' && this.clock.now().getTime() >= this.restUntil;
  }

  /**
   * Returns the result of `call`; rejects with `BrokerAway` when Redis does not respond. `isAnswer` selects errors that
   * are valid responses of Redis; they are rethrown unchanged.
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

/** Creates a connection for commands; it does not connect yet. */
export const redisCommands = (options: RedisOptions): RedisCommands => new RedisCommands(options);
