import type { Clock, Tried } from '@waybill/messaging';
import type { Channel, Message } from 'amqplib';
import { Acks } from './acks.ts';
import type { Link } from './link.ts';
import { type DeliverySettlement, PartitionQueue, RabbitMqDelivery } from './partition-queue.ts';
import { QueueUnanswered } from './rabbitmq-errors.ts';
import type { RetryQueues } from './retry-queues.ts';
import type { Voice } from './voice.ts';
import {
  bodyOf,
  expiryOf,
  headers,
  levelOf,
  numberHeader,
  textHeader,
  triedOf,
  triedProperties,
} from './wire-message.ts';

/** The queues of a partition. */
export interface PartitionSource {
  readonly partition: number;
  /** The queue of normal messages: its active consumer owns the partition. */
  readonly queue: string;
  /** The queues of the other priorities; none unless messages of the group overtake others. */
  readonly otherQueues: readonly string[];
  /** The channel of a message that does not name one. */
  readonly channel: string;
}

/** What a partition consumer needs from its subscription, and reports to it. */
export interface PartitionHost {
  readonly link: Link;
  readonly voice: Voice;
  readonly retryQueues: RetryQueues;
  readonly clock: Clock;
  /** Maximum number of messages of a queue in this process. */
  readonly lookAhead: number;
  readonly consumerTag: string;
  /** The first sign that RabbitMQ delivers this partition to us. */
  active(partition: PartitionConsumer): void;
  /** A message waits that may be delivered. */
  wake(): void;
  /** `count` deliveries are no longer with the consumer. */
  released(count: number): void;
  acked(): void;
  /** The channel closed unexpectedly. */
  broken(partition: PartitionConsumer, error: Error | null): void;
}

/** Seconds until a consumer that RabbitMQ neither accepts nor refuses is given up and tried again. */
const answerTime = 10;
const pingPause = 200;
/** Milliseconds. A ping behind a full consumer would count as a waiting message, so it expires; each beat sends another. */
const pingLife = '1000';

/** Type of a message that only makes the active consumer of a queue reveal itself. */
export const pingType = 'waybill.ping';

/**
 * Reads the queue of one partition, on a channel of its own. RabbitMQ makes one consumer of the queue active, which
 * shows only by its deliveries. `ready` once the owner is prepared for the partition.
 */
export class PartitionConsumer implements DeliverySettlement {
  readonly waiting = new PartitionQueue();
  state: 'closed' | 'joining' | 'standby' | 'preparing' | 'ready' | 'yielding' = 'closed';
  private channel: Channel | null = null;
  private acks: Acks | null = null;
  private readonly inHand = new Set<RabbitMqDelivery>();
  private sequence = 0;
  private pingedAt = Number.NEGATIVE_INFINITY;
  private idle: (() => void)[] = [];

  constructor(
    readonly source: PartitionSource,
    private readonly host: PartitionHost,
  ) {}

  get partition(): number {
    return this.source.partition;
  }

  get held(): number {
    return this.inHand.size;
  }

  /** RabbitMQ delivers to this consumer. */
  get isActive(): boolean {
    return this.state === 'preparing' || this.state === 'ready' || this.state === 'yielding';
  }

  /** Starts to consume; RabbitMQ queues this consumer after the others. Resolves also when it does not answer. */
  async join(): Promise<void> {
    if (this.state !== 'closed') return;
    this.state = 'joining';
    const channel = await this.host.link.channel().catch((error: unknown) => {
      this.state = 'closed';
      throw error;
    });
    // A consumer that left in the meantime must not block the queue for the others.
    if (this.state !== 'joining') {
      await channel.close().catch(() => undefined);
      return;
    }
    const acks = new Acks(channel);
    let failure: Error | null = null;
    channel.on('error', (error) => {
      failure = error;
    });
    channel.on('close', () => {
      acks.forget();
      if (this.channel === channel) this.lost(failure);
    });
    this.channel = channel;
    this.acks = acks;
    this.state = 'standby';
    await channel.prefetch(this.host.lookAhead);
    await this.consume(channel, this.source.queue);
  }

  /** Makes the active consumer reveal itself, because a partition without messages would not. At most every 200 ms. */
  ping(): void {
    const now = performance.now();
    if (now - this.pingedAt < pingPause) return;
    this.pingedAt = now;
    const options = { type: pingType, persistent: false, expiration: pingLife };
    this.host.voice.say('', this.source.queue, Buffer.alloc(0), options);
  }

  /** The owner is prepared: waiting messages may be delivered. */
  ready(): void {
    if (this.state !== 'preparing') return;
    this.state = 'ready';
    this.host.wake();
  }

  /** The next delivery; it is unsettled from now on. */
  take(now: number): RabbitMqDelivery | undefined {
    const delivery = this.waiting.take();
    if (!delivery) return undefined;
    delivery.handOver(now);
    this.inHand.add(delivery);
    return delivery;
  }

  acked(delivery: RabbitMqDelivery): void {
    this.acks?.add(delivery.tag);
    this.waiting.leave(delivery.openKey);
    this.host.acked();
    this.release(delivery);
  }

  givenBack(delivery: RabbitMqDelivery): void {
    this.waiting.giveBack(delivery.again());
    this.release(delivery);
  }

  /** Its bytes go as they are read: decompressed, and as JSON. */
  hold({ body, bytes, properties }: RabbitMqDelivery, ms: number, tried: Tried): Promise<void> {
    const options = triedProperties(properties, tried);
    return this.host.retryQueues.hold(this.source.queue, ms, bytes ?? Buffer.from(body), options);
  }

  /** Resolves when the consumer has no unsettled delivery of this partition. */
  whenIdle(): Promise<void> {
    if (this.inHand.size === 0) return Promise.resolve();
    return new Promise((resolve) => this.idle.push(resolve));
  }

  /** Stops consuming; unacked messages return to their place in the queue. */
  async leave(): Promise<void> {
    const { channel, acks } = this;
    acks?.flush();
    this.forget();
    await channel?.close().catch(() => undefined);
  }

  /** When the oldest message here was published; infinity without messages. */
  oldest(): number {
    return Math.min(
      this.waiting.oldest(),
      ...[...this.inHand].map(({ publishedAt }) => publishedAt),
    );
  }

  private async consume(channel: Channel, queue: string): Promise<void> {
    const word = queue.slice(this.source.queue.length);
    const tag = `${this.host.consumerTag}.${this.partition}${word}`;
    const answer = channel.consume(
      queue,
      (message) => {
        if (this.channel !== channel) return;
        if (message) this.arrived(channel, message);
        else this.lost(new Error(`queue ${queue} was deleted`));
      },
      { consumerTag: tag },
    );
    let forget = (): void => undefined;
    const silence = new Promise<void>((resolve) => {
      forget = this.host.clock.after(answerTime * 1_000, () => {
        if (this.channel === channel) this.lost(new QueueUnanswered(queue, answerTime));
        resolve();
      });
    });
    await Promise.race([answer, silence]).finally(forget);
  }

  private arrived(channel: Channel, message: Message): void {
    const { deliveryTag } = message.fields;
    const isPing = message.properties.type === pingType;
    if (isPing) this.acks?.add(deliveryTag);
    else this.waiting.add(this.deliveryOf(message));
    if (this.state === 'standby') this.activate(channel);
    else if (this.state === 'ready' && !isPing) this.host.wake();
  }

  private activate(channel: Channel): void {
    this.state = 'preparing';
    const { otherQueues } = this.source;
    if (otherQueues.length === 0) this.host.active(this);
    else
      Promise.all(otherQueues.map((queue) => this.consume(channel, queue))).then(
        () => this.channel === channel && this.host.active(this),
        (error: Error) => this.channel === channel && this.lost(error),
      );
  }

  private deliveryOf(message: Message): RabbitMqDelivery {
    const { fields, properties } = message;
    const priority = this.source.otherQueues.length === 0 ? 0 : levelOf(message);
    const openKey = this.waiting.enter(textHeader(message, headers.key) ?? '', priority);
    const returned = Number(properties.headers?.['x-delivery-count'] ?? 0) > 0;
    const gaveUp = textHeader(message, headers.gaveUp);
    const { gaveUp: unreadable = null, ...body } = bodyOf(message);
    this.sequence += 1;
    return new RabbitMqDelivery(
      {
        channel: textHeader(message, headers.channel) ?? this.source.channel,
        ...body,
        partition: this.partition,
        tag: fields.deliveryTag,
        sequence: this.sequence,
        openKey,
        level: openKey.level,
        publishedAt: numberHeader(message, headers.publishedAt) ?? Date.now(),
        expiresAt: expiryOf(message),
        gaveUp: gaveUp ?? unreadable,
        properties,
        tried: triedOf(message),
        settlement: this,
      },
      fields.redelivered || returned || gaveUp !== null,
    );
  }

  private release(delivery: RabbitMqDelivery): void {
    if (!this.inHand.delete(delivery)) return;
    this.host.released(1);
    if (this.inHand.size === 0) for (const resolve of this.idle.splice(0)) resolve();
  }

  private lost(error: Error | null): void {
    if (this.state === 'closed') return;
    const { channel } = this;
    this.host.broken(this, error);
    this.forget();
    channel?.close().catch(() => undefined);
  }

  private forget(): void {
    this.channel = null;
    this.acks = null;
    this.state = 'closed';
    this.waiting.clear();
    for (const delivery of this.inHand) delivery.lose();
    const { size } = this.inHand;
    this.inHand.clear();
    if (size > 0) this.host.released(size);
    for (const resolve of this.idle.splice(0)) resolve();
  }
}
