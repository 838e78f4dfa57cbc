import { priorities } from '@waybill/message';
import type { BodyText, Delivery } from '@waybill/messaging';

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

/** What becomes of a delivery. */
export interface DeliverySettlement {
  acked(delivery: RabbitMqDelivery): void;
  givenBack(delivery: RabbitMqDelivery): void;
}

/** What a delivery is made of. */
export interface DeliveryParts extends BodyText {
  readonly channel: string;
  readonly shard: number;
  readonly tag: number;
  readonly sequence: number;
  readonly lane: KeyLane;
  readonly level: number;
  readonly publishedAt: number;
  readonly expiresAt: number;
  readonly gaveUp: string | null;
  readonly settlement: DeliverySettlement;
}

/** A message from RabbitMQ: in the queue of its shard, or in the hands of the consumer. */
export class RabbitMqDelivery implements Delivery {
  readonly channel: string;
  readonly body: string;
  readonly shard: number;
  readonly tag: number;
  readonly sequence: number;
  readonly lane: KeyLane;
  readonly level: number;
  readonly publishedAt: number;
  declare readonly bytes?: Buffer;
  declare readonly gaveUp?: string;
  declare expired?: true;
  private held = false;

  constructor(
    private readonly parts: DeliveryParts,
    public redelivered: boolean,
  ) {
    this.channel = parts.channel;
    this.body = parts.body;
    this.shard = parts.shard;
    this.tag = parts.tag;
    this.sequence = parts.sequence;
    this.lane = parts.lane;
    this.level = parts.level;
    this.publishedAt = parts.publishedAt;
    if (parts.bytes) this.bytes = parts.bytes;
    if (parts.gaveUp !== null) this.gaveUp = parts.gaveUp;
  }

  /** It goes to the consumer now. */
  handOver(now: number): void {
    this.held = true;
    if (this.parts.expiresAt <= now) this.expired = true;
  }

  /** The same message for the next time. */
  again(): RabbitMqDelivery {
    return new RabbitMqDelivery(this.parts, true);
  }

  /** The shard is lost, so that nothing that the consumer says of it counts any more. */
  lose(): void {
    this.held = false;
  }

  ack(): void {
    if (!this.held) return;
    this.held = false;
    this.parts.settlement.acked(this);
  }

  giveBack(): void {
    if (!this.held) return;
    this.held = false;
    this.parts.settlement.givenBack(this);
  }
}
