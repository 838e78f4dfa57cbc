import { priorities } from '@waybill/message';
import type { RabbitMqDelivery } from './rabbitmq-delivery.ts';

/** The messages of one key that are not acked yet. */
export interface KeyLane {
  readonly key: string;
  /** Priority of the last one: a later message never gets a more urgent one, or it would overtake. */
  level: number;
  open: number;
}

/** What came for one shard and waits for its consumer: the most urgent first, each key in its order. */
export class ShardQueue {
  private readonly levels: RabbitMqDelivery[][] = priorities.map(() => []);
  private readonly lanes = new Map<string, KeyLane>();

  get size(): number {
    return this.levels.reduce((sum, level) => sum + level.length, 0);
  }

  /** The lane of a message that has just come; it counts from now on. */
  enter(key: string, level: number): KeyLane {
    const lane = this.lanes.get(key) ?? { key, level: 0, open: 0 };
    lane.level = lane.open === 0 ? level : Math.max(level, lane.level);
    lane.open += 1;
    this.lanes.set(key, lane);
    return lane;
  }

  /** A message of the lane is acked. */
  leave(lane: KeyLane): void {
    lane.open -= 1;
    if (lane.open === 0) this.lanes.delete(lane.key);
  }

  add(delivery: RabbitMqDelivery): void {
    this.levels[delivery.level]?.push(delivery);
  }

  /** Puts it where it stood before it was taken. */
  giveBack(delivery: RabbitMqDelivery): void {
    const level = this.levels[delivery.level] as RabbitMqDelivery[];
    const at = level.findIndex((other) => other.sequence > delivery.sequence);
    level.splice(at === -1 ? level.length : at, 0, delivery);
  }

  /** The next one, still in its place. */
  first(): RabbitMqDelivery | undefined {
    return this.levels.find((level) => level.length > 0)?.[0];
  }

  take(): RabbitMqDelivery | undefined {
    return this.levels.find((level) => level.length > 0)?.shift();
  }

  /** When the oldest was published, or infinity. */
  oldest(): number {
    return Math.min(...this.levels.flat().map(({ publishedAt }) => publishedAt));
  }

  clear(): void {
    for (const level of this.levels) level.length = 0;
    this.lanes.clear();
  }
}
