import {
  BrokerAway,
  BrokerClosed,
  type Outgoing,
  type Settled,
  Unroutable,
} from '@waybill/messaging';
import type { ConfirmChannel } from 'amqplib';
import { OnTheWay, SendingLine, type Underway } from './on-the-way.ts';
import { Outlet } from './outlet.ts';
import { RabbitMqBlocked, Unconfirmed } from './rabbitmq-errors.ts';
import type { Workplace } from './workplace.ts';

interface Waiting {
  readonly message: Outgoing;
  readonly underway: Underway;
}

const watchEvery = 250;
/** RabbitMQ's code for a missing exchange. */
const missing = 404;

/**
 * Sends on one confirm channel, so messages arrive in the order of `publish`. Many are unconfirmed at once, and each
 * settles on its own. After a failure, all messages with the same key that were already passed to it fail, too.
 */
export class Publisher {
  private readonly onTheWay = new OnTheWay();
  private readonly waiting = new SendingLine<Waiting>();
  private readonly outlet: Outlet;
  private channel: ConfirmChannel | null = null;
  private opening: Promise<void> | null = null;
  private full = false;
  private closed = false;
  private pumping = false;
  private watching: (() => void) | null = null;
  private readonly published = new Map<string, number>();
  private idle: (() => void)[] = [];
  private making: Promise<void> | null = null;
  private answeredAt = 0;

  constructor(private readonly parts: Workplace) {
    this.outlet = new Outlet({
      ...parts,
      answered: (underway, error) => this.answered(underway, error),
    });
    parts.link.listen({
      up: () => this.wake(),
      down: (error) => this.lost(error),
    });
  }

  /** Number of confirmed messages of a channel since the start. */
  publishedOn(channel: string): number {
    return this.published.get(channel) ?? 0;
  }

  publish(messages: readonly Outgoing[], settled: Settled): void {
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

  /** Waits up to 1 s, or `drain` if shorter, for unconfirmed messages; the rest fail with `BrokerClosed`. */
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
    const { settings, topology } = this.parts;
    while (this.onTheWay.size < settings.window && !this.full && this.channel === channel) {
      const next = this.waiting.first();
      if (!next) break;
      const name = next.message.channel;
      if (!topology.knowsChannel(name)) {
        this.make(() => topology.channel(name));
        break;
      }
      this.waiting.drop();
      this.send(next, channel);
    }
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
    this.outlet.adopt(channel);
    channel.on('drain', () => {
      this.full = false;
      this.wake();
    });
    channel.on('error', (error: { code?: unknown }) => {
      if (error.code === missing) this.make(() => this.parts.topology.again());
    });
    channel.on('close', () => {
      if (this.channel === channel)
        this.lost(new BrokerAway('RABBITMQ_URL', 'the channel for publishing was closed'));
    });
    this.full = false;
    this.channel = channel;
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
      if (!this.outlet.send(message, underway, channel)) this.full = true;
    } catch (error) {
      this.failed(underway, error as Error);
    }
  }

  private answered(underway: Underway, error?: Error): void {
    this.answeredAt = performance.now();
    if (error instanceof Unroutable) this.onTheWay.end(underway, underway.error ?? error);
    else if (error) this.failed(underway, error);
    else this.onTheWay.end(underway, underway.error ?? undefined);
    if (this.onTheWay.size === 0) for (const resolve of this.idle.splice(0)) resolve();
    if (this.waiting.length > 0) this.wake();
  }

  private failed(underway: Underway, error: Error): void {
    this.onTheWay.failWithFollowers(underway, error);
    const followers = this.waiting.extract(
      (other) => other.underway.key === underway.key && other.message.channel === underway.channel,
    );
    for (const follower of followers) follower.underway.settle(error);
  }

  private lost(error: Error): void {
    this.channel = null;
    this.full = false;
    this.onTheWay.abandon(error);
    this.refuseWaiting(() => error);
  }

  /** Never called from `publish` itself, because no sender expects its callback before `publish` has returned. */
  private refuseWaiting(errorOf: () => Error): void {
    for (const { underway } of this.waiting.extract(() => true)) underway.settle(errorOf());
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

  /** Fails overdue messages. Without any answer it also drops the connection, because later messages may be stuck on it. */
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
