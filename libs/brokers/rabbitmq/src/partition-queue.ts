import { priorities } from '@waybill/message';
import type { BodyText, Delivery, Tried } from '@waybill/messaging';
import type { MessageProperties } from 'amqplib';

/** The unacked messages of one key. */
export interface OpenKey {
  readonly key: string;
  /** Level of the last one. A later message never gets a more urgent level, because it would overtake. */
  level: number;
  open: number;
}

/** Messages of one partition that wait for the consumer: the most urgent first, and each key in order. */
export class PartitionQueue {
  private readonly levels: RabbitMqDelivery[][] = priorities.map(() => []);
  private readonly openKeys = new Map<string, OpenKey>();

  get size(): number {
    return this.levels.reduce((sum, level) => sum + level.length, 0);
  }

  /** Counts a new message of a key and returns the state of the key. */
  enter(key: string, level: number): OpenKey {
    const openKey = this.openKeys.get(key) ?? { key, level: 0, open: 0 };
    openKey.level = openKey.open === 0 ? level : Math.max(level, openKey.level);
    openKey.open += 1;
    this.openKeys.set(key, openKey);
    return openKey;
  }

  /** A message of the key is acked. */
  leave(openKey: OpenKey): void {
    openKey.open -= 1;
    if (openKey.open === 0) this.openKeys.delete(openKey.key);
  }

  add(delivery: RabbitMqDelivery): void {
    this.levels[delivery.level]?.push(delivery);
  }

  /** Returns a delivery to the place that it was taken from. */
  giveBack(delivery: RabbitMqDelivery): void {
    const level = this.levels[delivery.level] as RabbitMqDelivery[];
    const at = level.findIndex((other) => other.sequence > delivery.sequence);
    level.splice(at === -1 ? level.length : at, 0, delivery);
  }

  /** The next delivery, without taking it. */
  first(): RabbitMqDelivery | undefined {
    return this.levels.find((level) => level.length > 0)?.[0];
  }

  take(): RabbitMqDelivery | undefined {
    return this.levels.find((level) => level.length > 0)?.shift();
  }

  /** When the oldest message was published; infinity without messages. */
  oldest(): number {
    return Math.min(...this.levels.flat().map(({ publishedAt }) => publishedAt));
  }

  clear(): void {
    for (const level of this.levels) level.length = 0;
    this.openKeys.clear();
  }
}

/** Receives the outcome of a delivery. */
export interface DeliverySettlement {
  acked(delivery: RabbitMqDelivery): void;
  givenBack(delivery: RabbitMqDelivery): void;
  /** Resolves when a retry queue has the message. */
  hold(delivery: RabbitMqDelivery, ms: number, tried: Tried): Promise<void>;
}

/** The fields of a delivery. */
export interface DeliveryParts extends BodyText {
  readonly channel: string;
  readonly partition: number;
  readonly tag: number;
  readonly sequence: number;
  readonly openKey: OpenKey;
  readonly level: number;
  readonly publishedAt: number;
  readonly expiresAt: number;
  readonly gaveUp: string | null;
  readonly properties: MessageProperties;
  readonly tried: Tried | undefined;
  readonly settlement: DeliverySettlement;
}

/** A message from RabbitMQ, waiting in the queue of its partition or delivered to the consumer. */
export class RabbitMqDelivery implements Delivery {
  readonly channel: string;
  readonly body: string;
  readonly partition: number;
  readonly tag: number;
  readonly sequence: number;
  readonly openKey: OpenKey;
  readonly level: number;
  readonly publishedAt: number;
  readonly properties: MessageProperties;
  declare readonly bytes?: Buffer;
  declare readonly gaveUp?: string;
  declare readonly tried?: Tried;
  declare expired?: true;
  private held = false;

  constructor(
    private readonly parts: DeliveryParts,
    public redelivered: boolean,
  ) {
    this.channel = parts.channel;
    this.body = parts.body;
    this.partition = parts.partition;
    this.tag = parts.tag;
    this.sequence = parts.sequence;
    this.openKey = parts.openKey;
    this.level = parts.level;
    this.publishedAt = parts.publishedAt;
    this.properties = parts.properties;
    if (parts.bytes) this.bytes = parts.bytes;
    if (parts.gaveUp !== null) this.gaveUp = parts.gaveUp;
    if (parts.tried) this.tried = parts.tried;
  }

  /** The delivery goes to the consumer now. */
  handOver(now: number): void {
    this.held = true;
    if (this.parts.expiresAt <= now) this.expired = true;
  }

  /** The same message, to be delivered again. */
  again(): RabbitMqDelivery {
    return new RabbitMqDelivery(this.parts, true);
  }

  /** The partition is lost, so later settlements by the consumer have no effect. */
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

  async retryAfter(ms: number, tried: Tried): Promise<void> {
    if (!this.held) return;
    await this.parts.settlement.hold(this, ms, tried);
    this.ack();
  }
}
