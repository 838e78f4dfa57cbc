import { BrokerClosed, type Outgoing, Unroutable } from '@waybill/messaging';
import type { ConfirmChannel, Message, Options } from 'amqplib';
import type { Delays } from './delays.ts';
import type { Link } from './link.ts';
import { type Names, routingKeyOf, usualShards } from './names.ts';
import { OnTheWay, type Underway } from './on-the-way.ts';
import { Overtaking } from './overtaking.ts';
import { RabbitMqAway, RabbitMqBlocked, Unconfirmed } from './rabbitmq-errors.ts';
import type { Settings } from './rabbitmq-options.ts';
import type { Topology } from './topology.ts';
import { headers, isUrgent, propertiesOf } from './wire-message.ts';

/** What the publisher works with. */
export interface PublisherParts {
  readonly link: Link;
  readonly names: Names;
  readonly topology: Topology;
  readonly settings: Settings;
  readonly delays: Delays;
}

interface Waiting {
  readonly message: Outgoing;
  readonly underway: Underway;
}

const watchEvery = 250;
/** Code of RabbitMQ for an exchange that is not there. */
const missing = 404;
const copyHeader = 'waybill-copy';

/**
 * Sends on one confirm channel, so that what is published first arrives first. Many messages are on their way at
 * once; each is told of alone. After a failure it sends nothing of the same key that was given before.
 */
export class Publisher {
  private readonly onTheWay = new OnTheWay();
  private readonly overtaking = new Overtaking();
  private waiting: Waiting[] = [];
  private channel: ConfirmChannel | null = null;
  private opening: Promise<void> | null = null;
  private full = false;
  private closed = false;
  private pumping = false;
  private readonly returnedCopies = new Map<string, Underway>();
  private copyNumber = 0;
  private watching: (() => void) | null = null;
  private readonly published = new Map<string, number>();
  private idle: (() => void)[] = [];
  private making: Promise<void> | null = null;
  private answeredAt = 0;

  constructor(private readonly parts: PublisherParts) {
    parts.link.listen({
      up: () => this.wake(),
      down: (error) => this.lost(error),
    });
  }

  /** Confirmed messages of a channel since the start. */
  publishedOn(channel: string): number {
    return this.published.get(channel) ?? 0;
  }

  publish(messages: readonly Outgoing[], settled: (id: string, error?: Error) => void): void {
    for (const message of messages) {
      const { id, key, type } = message.envelope;
      const settle = (error?: Error): void => {
        if (error) settled(id, error);
        else {
          this.published.set(message.channel, this.publishedOn(message.channel) + 1);
          settled(id);
        }
      };
      const underway: Underway = {
        id,
        key,
        type,
        settle,
        channel: message.channel,
        deadline: 0,
        open: 0,
        returned: 0,
        copies: 0,
        error: null,
        done: false,
      };
      this.waiting.push({ message, underway });
    }
    this.wake();
  }

  /** Waits a while for what is under way; then whatever is left is not safe. */
  async close(): Promise<void> {
    this.closed = true;
    const error = new BrokerClosed('rabbitmq');
    this.refuseWaiting(() => error);
    if (this.onTheWay.size > 0) {
      await new Promise<void>((resolve) => {
        this.idle.push(resolve);
        this.parts.settings.clock.after(Math.min(1_000, this.parts.settings.drain), resolve);
      });
    }
    this.onTheWay.abandon(error);
    this.watching?.();
    await this.channel?.close().catch(() => undefined);
  }

  private wake(): void {
    if (this.pumping) return;
    this.pumping = true;
    queueMicrotask(() => {
      this.pumping = false;
      this.pump();
    });
  }

  private pump(): void {
    if (this.waiting.length === 0) return;
    const { blocked } = this.parts.link;
    if (this.closed) this.refuseWaiting(() => new BrokerClosed('rabbitmq'));
    else if (blocked !== null) this.refuseWaiting(() => new RabbitMqBlocked(blocked));
    else if (!this.channel) this.open();
    else if (!this.making) this.sendWaiting(this.channel);
  }

  private sendWaiting(channel: ConfirmChannel): void {
    let sent = 0;
    while (
      sent < this.waiting.length &&
      this.onTheWay.size < this.parts.settings.window &&
      !this.full
    ) {
      const next = this.waiting[sent] as Waiting;
      if (!this.parts.topology.knowsChannel(next.message.channel)) {
        this.makeChannel(next.message.channel);
        break;
      }
      sent += 1;
      this.send(next, channel);
      if (!this.channel) break;
    }
    this.waiting.splice(0, sent);
    this.watch();
  }

  private open(): void {
    this.opening ??= this.openChannel()
      .catch((error: Error) => this.refuseWaiting(() => error))
      .finally(() => {
        this.opening = null;
        if (this.channel) this.wake();
      });
  }

  private async openChannel(): Promise<void> {
    const channel = await this.parts.link.confirmChannel();
    channel.on('return', (message: Message) => this.returned(message));
    channel.on('drain', () => {
      this.full = false;
      this.wake();
    });
    channel.on('error', (error: { code?: unknown }) => {
      if (error.code === missing) this.make(() => this.parts.topology.again());
    });
    channel.on('close', () => {
      if (this.channel === channel)
        this.lost(new RabbitMqAway('the channel for publishing was closed'));
    });
    this.full = false;
    this.channel = channel;
  }

  private makeChannel(channel: string): void {
    this.make(() => this.parts.topology.channel(channel));
  }

  private make(what: () => Promise<void>): void {
    if (this.making) return;
    this.making = what()
      .catch((error: Error) => this.refuseWaiting(() => error))
      .then(() => {
        this.making = null;
        this.wake();
      });
  }

  private send({ message, underway }: Waiting, channel: ConfirmChannel): void {
    underway.deadline = performance.now() + this.parts.settings.confirmTimeout;
    this.onTheWay.add(underway);
    try {
      const body = Buffer.from(message.body);
      const now = this.parts.settings.clock.now().getTime();
      const properties = propertiesOf(message, now);
      if (message.delay) this.later(message, message.delay, underway, body, properties, now);
      else {
        const urgent = this.goesUrgent(message, now);
        const { topology } = this.parts;
        for (const shards of [usualShards, ...topology.unusualShards(message.channel)])
          this.copy(message, shards, urgent, underway, body, properties, channel);
      }
    } catch (error) {
      this.onTheWay.failWithFollowers(underway, error as Error);
    }
  }

  private goesUrgent({ envelope }: Outgoing, now: number): boolean {
    if (envelope.kind !== 'task') return false;
    return this.overtaking.mayOvertake(envelope.key, isUrgent(envelope.priority), now);
  }

  private copy(
    { channel: name, envelope }: Outgoing,
    shards: number,
    urgent: boolean,
    underway: Underway,
    body: Buffer,
    properties: Options.Publish,
    channel: ConfirmChannel,
  ): void {
    const routingKey = routingKeyOf(envelope, shards, urgent);
    const copied: Record<string, unknown> = { ...properties.headers };
    copied[headers.shard] = routingKey.slice(routingKey.lastIndexOf('.') + 1);
    if (properties.mandatory) copied[copyHeader] = this.expectReturn(underway);
    underway.copies += 1;
    underway.open += 1;
    const exchange = this.parts.names.exchange(name, shards);
    const options = { ...properties, headers: copied };
    const free = channel.publish(exchange, routingKey, body, options, (error) => {
      this.forgetReturn(copied[copyHeader]);
      this.answered(underway, error as Error | null);
    });
    if (!free) this.full = true;
  }

  private later(
    message: Outgoing,
    delay: number,
    underway: Underway,
    body: Buffer,
    properties: Options.Publish,
    now: number,
  ): void {
    underway.copies = 1;
    underway.open = 1;
    const urgent = this.goesUrgent(message, now);
    const targets = [usualShards, ...this.parts.topology.unusualShards(message.channel)].map(
      (shards) => ({
        exchange: this.parts.names.exchange(message.channel, shards),
        routingKey: routingKeyOf(message.envelope, shards, urgent),
      }),
    );
    this.parts.delays
      .hold(targets, body, properties, now + delay)
      .then(() => this.answered(underway, null))
      .catch((error: Error) => this.answered(underway, error));
  }

  private expectReturn(underway: Underway): string {
    this.copyNumber += 1;
    const name = String(this.copyNumber);
    this.returnedCopies.set(name, underway);
    return name;
  }

  private forgetReturn(name: unknown): void {
    if (typeof name === 'string') this.returnedCopies.delete(name);
  }

  /** Comes before the confirm of the same message. */
  private returned(message: Message): void {
    const name: unknown = message.properties.headers?.[copyHeader];
    const underway = typeof name === 'string' ? this.returnedCopies.get(name) : undefined;
    if (underway) underway.returned += 1;
  }

  private answered(underway: Underway, error: Error | null): void {
    this.answeredAt = performance.now();
    underway.open -= 1;
    if (underway.done) return;
    if (error) {
      this.failed(underway, new Unconfirmed(error.message));
    } else if (underway.open === 0) {
      if (underway.error) this.onTheWay.end(underway, underway.error);
      else if (underway.returned === underway.copies)
        this.onTheWay.end(underway, new Unroutable(underway.type, underway.channel));
      else this.onTheWay.end(underway);
    }
    if (this.onTheWay.size === 0) for (const resolve of this.idle.splice(0)) resolve();
    if (this.waiting.length > 0) this.wake();
  }

  private failed(underway: Underway, error: Error): void {
    this.onTheWay.failWithFollowers(underway, error);
    const followers = this.waiting.filter(
      (other) => other.underway.key === underway.key && other.message.channel === underway.channel,
    );
    if (followers.length === 0) return;
    this.waiting = this.waiting.filter((other) => !followers.includes(other));
    for (const follower of followers) follower.underway.settle(error);
  }

  private lost(error: Error): void {
    this.channel = null;
    this.full = false;
    this.returnedCopies.clear();
    this.onTheWay.abandon(error);
    this.refuseWaiting(() => error);
  }

  /** After the current turn: no sender expects its callback before `publish` has returned. */
  private refuseWaiting(errorOf: () => Error): void {
    const refused = this.waiting;
    this.waiting = [];
    for (const { underway } of refused) underway.settle(errorOf());
  }

  private watch(): void {
    if (this.watching || this.onTheWay.size === 0) return;
    const timer = setTimeout(() => {
      this.watching = null;
      this.tellOverdue();
      this.watch();
    }, watchEvery);
    timer.unref();
    this.watching = () => clearTimeout(timer);
  }

  /** Nothing came back in time: the line is dropped, because what follows on it may be stuck as well. */
  private tellOverdue(): void {
    const overdue = this.onTheWay.overdue(performance.now());
    if (overdue.length === 0) return;
    const { confirmTimeout } = this.parts.settings;
    const error = new Unconfirmed(`no answer within ${confirmTimeout} ms`);
    for (const message of overdue) this.failed(message, error);
    const silent = performance.now() - this.answeredAt >= confirmTimeout;
    if (silent && this.parts.link.blocked === null) this.parts.link.drop(error);
  }
}
