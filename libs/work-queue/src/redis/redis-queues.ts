import { type Clock, systemClock } from '@waybill/messaging';
import { type PoolUse, type RedisOptions, RedisPattern, RedisPool } from '@waybill/redis';
import { WakeUps } from '../wake-ups.ts';
import { WorkQueues } from '../work-queues.ts';
import { RedisListQueue } from './redis-list-queue.ts';
import { RedisPriorityQueue } from './redis-priority-queue.ts';

/** Where Redis is, and how many connections the queues of this process may have besides that of their subscription. */
export type RedisQueuesOptions = RedisOptions & { readonly limit?: number };

/**
 * Queues on Redis, which all processes of a service share. One pattern subscription to `work:<service>.*` wakes the workers of
 * every queue. Calls reject with `BrokerAway` while Redis is unavailable.
 */
export class RedisQueues extends WorkQueues {
  private readonly pool: RedisPool;
  private readonly pattern: RedisPattern;
  private readonly wakeUps = new WakeUps();
  private readonly clock: Clock;

  constructor(options: RedisQueuesOptions) {
    super();
    this.clock = options.clock ?? systemClock;
    this.pool = new RedisPool(options);
    const start = `work:${options.service}.`;
    this.pattern = new RedisPattern(options, start, {
      message: (channel) => this.wakeUps.wake(channel.slice(start.length)),
      subscribed: () => this.wakeUps.wakeAll(),
    });
  }

  /** Rejects with `InvalidBrokerSetting` for invalid settings, but not if Redis is unavailable. */
  async open(): Promise<void> {
    await this.pool.open();
    this.pattern.open();
  }

  priority(name: string): RedisPriorityQueue {
    return new RedisPriorityQueue(name, this.pool, this.clock, this.wakeUps);
  }

  list(name: string): RedisListQueue {
    return new RedisListQueue(name, this.pool);
  }

  get connections(): PoolUse {
    return this.pool.used;
  }

  async close(): Promise<void> {
    this.wakeUps.wakeAll();
    await Promise.all([this.pattern.close(), this.pool.close()]);
  }
}
