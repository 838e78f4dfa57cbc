import type { Clock } from '@waybill/messaging';
import type { RedisPool } from '@waybill/redis';
import type { Redis } from 'ioredis';
import {
  type LeasedItem,
  PriorityQueue,
  type QueuedItem,
  type QueueSize,
  type Taken,
  workPriorities,
} from '../priority-queue.ts';
import type { WakeUps } from '../wake-ups.ts';
import * as scripts from './priority-queue-scripts.ts';

/** Entries of one script: a longer one would block Redis for others. */
const chunk = 500;

/** A priority queue on sorted sets. The braces of its keys keep them in one slot of a cluster. */
export class RedisPriorityQueue extends PriorityQueue {
  private readonly keys: readonly string[];
  private readonly pausedKey: string;
  private readonly channel: string;

  constructor(
    name: string,
    private readonly pool: RedisPool,
    clock: Clock,
    wakeUps: WakeUps,
  ) {
    super(name, clock, wakeUps);
    const key = (part: string): string => `${pool.prefix}{work:${pool.service}.${name}}:${part}`;
    this.pausedKey = key('paused');
    this.keys = ['ready', 'later', 'leased', 'items', 'leases', 'seq'].map(key);
    this.channel = `${pool.prefix}work:${pool.service}.${name}`;
  }

  async add(items: readonly QueuedItem[]): Promise<void> {
    if (items.length === 0) return;
    await this.pool.use(async (redis) => {
      const pipeline = redis.pipeline();
      for (let from = 0; from < items.length; from += chunk) {
        const some = items.slice(from, from + chunk).flatMap(argumentsOf);
        pipeline.eval(scripts.add, 7, ...this.allKeys, this.channel, ...some);
      }
      const results = await pipeline.exec();
      const failed = results?.find(([error]) => error !== null);
      if (failed?.[0]) throw failed[0];
    });
  }

  async ack(items: readonly LeasedItem[]): Promise<number> {
    if (items.length === 0) return 0;
    const given = items.flatMap(({ id, lease }) => [id, lease]);
    return (await this.run(scripts.ack, given)) as number;
  }

  async peek(count: number): Promise<readonly string[]> {
    return (await this.run(scripts.peek, [count])) as string[];
  }

  size(): Promise<QueueSize> {
    return this.pool.use(async (redis) => {
      const [ready = 0, later = 0, leased = 0] = await Promise.all(
        this.keys.slice(0, 3).map((key) => redis.zcard(key)),
      );
      return { ready, later, leased };
    });
  }

  async clear(): Promise<void> {
    // The sequence stays, so that no lease is given twice.
    await this.pool.use((redis) => redis.del(...this.keys.slice(0, 5)));
  }

  async pause(): Promise<void> {
    await this.pool.use((redis) => redis.set(this.pausedKey, '1'));
  }

  async resume(): Promise<void> {
    await this.pool.use(async (redis) => {
      await redis.del(this.pausedKey);
      await redis.publish(this.channel, '');
    });
  }

  protected async takeNow(count: number, lease: number): Promise<Taken> {
    const [nextIn = -1, ...found] = (await this.run(scripts.take, [count, lease])) as [
      number,
      ...string[],
    ];
    const items = found.flatMap((id, at) =>
      at % 2 === 0 ? [{ id, lease: found[at + 1] ?? '' }] : [],
    );
    return { items, nextIn: nextIn < 0 ? null : nextIn };
  }

  private get allKeys(): readonly string[] {
    return [...this.keys, this.pausedKey];
  }

  private run(script: string, given: readonly (string | number)[]): Promise<unknown> {
    return this.pool.use((redis: Redis) => redis.eval(script, 7, ...this.allKeys, ...given));
  }
}

const argumentsOf = ({ id, priority, dueAt }: QueuedItem): (string | number)[] => [
  id,
  workPriorities.length - 1 - workPriorities.indexOf(priority),
  dueAt?.getTime() ?? 0,
];
