import type { BodyText, Delivery } from '@waybill/messaging';
import type { KeyLane } from './shard-queue.ts';

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
