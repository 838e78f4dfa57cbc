import { decode, type Envelope } from '@waybill/message';
import type { ObserveOptions } from '@waybill/messaging';
import type { Channel, Message } from 'amqplib';
import { bodyOf } from './wire-message.ts';
import type { Workplace } from './workplace.ts';

interface Observer {
  readonly pattern: string;
  readonly listener: (envelope: Envelope) => void;
  readonly options: ObserveOptions;
  stopped: boolean;
  channel: Channel | null;
  retry: NodeJS.Timeout | undefined;
}

const retryAfter = 500;
/** RabbitMQ drops the oldest beyond this number: an observer may lose messages but never cause backpressure. */
const bound = 10_000;

/** Observers of messages: each has a queue of its own that ends with its connection. */
export class Observers {
  private readonly observers = new Set<Observer>();
  private closed = false;

  constructor(private readonly parts: Workplace) {
    parts.link.listen({
      up: () => {
        for (const observer of this.observers) this.watch(observer);
      },
      down: () => {
        for (const observer of this.observers) observer.channel = null;
      },
    });
  }

  add(
    pattern: string,
    listener: (envelope: Envelope) => void,
    options: ObserveOptions,
  ): () => void {
    const observer: Observer = {
      pattern,
      listener,
      options,
      stopped: false,
      channel: null,
      retry: undefined,
    };
    if (this.closed) return () => undefined;
    this.observers.add(observer);
    this.watch(observer);
    return () => {
      observer.stopped = true;
      this.observers.delete(observer);
      void observer.channel?.close().catch(() => undefined);
    };
  }

  /** Ends all observers and refuses new ones. */
  clear(): void {
    this.closed = true;
    for (const observer of this.observers) observer.stopped = true;
    this.observers.clear();
  }

  private watch(observer: Observer): void {
    this.begin(observer).catch((error: Error) => {
      if (observer.stopped) return;
      this.parts.settings.onTrouble(`observing ${observer.pattern}`, error);
      this.watchLater(observer);
    });
  }

  /** Retries once, after a pause, because a refused attempt may be refused again at once. */
  private watchLater(observer: Observer): void {
    clearTimeout(observer.retry);
    observer.retry = setTimeout(() => {
      if (!observer.stopped && !observer.channel) this.watch(observer);
    }, retryAfter).unref();
  }

  private async begin(observer: Observer): Promise<void> {
    const { link, names, topology } = this.parts;
    await topology.withDeclarer((declarer) => declarer.exchange(names.observed, 'topic'));
    topology.remember('exchanges', names.observed);
    if (observer.stopped || observer.channel) return;
    const channel = await link.channel();
    observer.channel = channel;
    channel.on('close', () => {
      if (observer.channel !== channel) return;
      observer.channel = null;
      if (!observer.stopped && link.state === 'connected') this.watchLater(observer);
    });
    const kept = { exclusive: true, durable: false, autoDelete: true, maxLength: bound };
    const { queue } = await channel.assertQueue(names.own('observer'), kept);
    await channel.bindQueue(queue, names.observed, `${observer.pattern}.*`);
    await channel.consume(queue, (message) => message && this.tell(observer, message), {
      noAck: true,
    });
    if (observer.stopped) await channel.close().catch(() => undefined);
    else observer.options.onGap?.();
  }

  /** An observer that throws must not end the process or the other observers. */
  private tell(observer: Observer, message: Message): void {
    if (observer.stopped) return;
    try {
      const { body, gaveUp } = bodyOf(message);
      if (gaveUp === undefined) observer.listener(decode(body));
      else throw new Error(gaveUp);
    } catch (error) {
      this.parts.settings.onTrouble(`an observer of ${observer.pattern}`, error as Error);
    }
  }
}
