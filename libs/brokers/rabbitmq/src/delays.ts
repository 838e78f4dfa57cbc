import type { Channel, ConfirmChannel, Message, Options } from 'amqplib';
import { quorum } from './topology.ts';
import { headers, numberHeader } from './wire-message.ts';
import type { Workplace } from './workplace.ts';

/** Where a delayed message is published when it is due. */
export interface Target {
  readonly exchange: string;
  readonly routingKey: string;
}

/** The shortest step in milliseconds; messages that are due sooner wait in memory, unacked. */
const shortest = 64;
const longest = 2 ** 26;
const prefetch = 1_000;
const targetHeader = 'due-targets';
const retryAfter = 500;

/** The longest step that fits. Steps are powers of two, so a few hops reach any due time. */
export function stepOf(left: number): number {
  if (left < shortest) return 0;
  return Math.min(longest, 2 ** Math.floor(Math.log2(left)));
}

/**
 * Delays messages with a ladder of durable queues with a TTL. A message that expires from one step moves to the next,
 * by whichever process consumes the due queue, until it is due.
 */
export class Delays {
  private channel: ConfirmChannel | null = null;
  private starting: Promise<ConfirmChannel> | null = null;
  private readonly steps = new Map<number, Promise<void>>();
  private readonly timers = new Set<NodeJS.Timeout>();
  private wanted = false;
  private closed = false;

  constructor(private readonly parts: Workplace) {
    parts.link.listen({ up: () => this.restart(), down: () => this.forget() });
  }

  /** Resolves when RabbitMQ has stored the message; it is published to its targets at `dueAt`. */
  async hold(
    targets: readonly Target[],
    body: Buffer,
    properties: Options.Publish,
    dueAt: number,
  ): Promise<void> {
    const channel = await this.start();
    const named = { [targetHeader]: JSON.stringify(targets), [headers.dueAt]: dueAt };
    const options = {
      ...properties,
      mandatory: false,
      headers: { ...properties.headers, ...named },
    };
    await this.put(channel, body, options, dueAt);
  }

  /** Starts to consume the due queue; safe to call again. */
  start(): Promise<ConfirmChannel> {
    this.wanted = true;
    if (this.channel) return Promise.resolve(this.channel);
    this.starting ??= this.open().finally(() => {
      this.starting = null;
    });
    return this.starting;
  }

  async close(): Promise<void> {
    this.closed = true;
    const { channel } = this;
    this.forget();
    await channel?.close().catch(() => undefined);
  }

  private async open(): Promise<ConfirmChannel> {
    const { link, names, topology } = this.parts;
    await topology.withDeclarer((declarer) => declarer.queue(names.dueQueue, quorum({})));
    topology.remember('queues', names.dueQueue);
    const channel = await link.confirmChannel();
    channel.on('close', () => {
      if (this.channel !== channel) return;
      this.forget();
      // The message that closed the channel may still be in the queue, and would close the next channel, too.
      this.restartLater();
    });
    await channel.prefetch(prefetch);
    await channel.consume(names.dueQueue, (message) => message && this.arrived(channel, message));
    this.channel = channel;
    return channel;
  }

  private restart(): void {
    if (!this.wanted || this.closed || this.channel) return;
    this.start().catch((error: Error) => {
      this.parts.settings.onTrouble('the ladder of delayed messages', error);
      this.restartLater();
    });
  }

  private restartLater(): void {
    setTimeout(() => this.restart(), retryAfter).unref();
  }

  private forget(): void {
    this.channel = null;
    this.steps.clear();
    for (const timer of this.timers) clearTimeout(timer);
    this.timers.clear();
  }

  private arrived(channel: ConfirmChannel, message: Message): void {
    const dueAt = numberHeader(message, headers.dueAt) ?? 0;
    const left = dueAt - this.parts.settings.clock.now().getTime();
    if (stepOf(left) > 0) this.move(channel, message, () => this.again(channel, message, dueAt));
    else if (left <= 0) this.move(channel, message, () => this.release(channel, message));
    else {
      const timer = setTimeout(() => {
        this.timers.delete(timer);
        this.arrived(channel, message);
      }, left);
      this.timers.add(timer);
    }
  }

  /** Acked after the next queue has confirmed it; a crash in between causes a duplicate. */
  private move(channel: Channel, message: Message, to: () => Promise<void>): void {
    to()
      .then(() => this.channel === channel && channel.ack(message))
      .catch((error: Error) => {
        this.parts.settings.onTrouble('a delayed message', error);
        setTimeout(
          () => this.channel === channel && channel.nack(message, false, true),
          retryAfter,
        ).unref();
      });
  }

  private again(channel: ConfirmChannel, message: Message, dueAt: number): Promise<void> {
    return this.put(channel, message.content, optionsOf(message), dueAt);
  }

  private async put(
    channel: ConfirmChannel,
    body: Buffer,
    options: Options.Publish,
    dueAt: number,
  ): Promise<void> {
    await this.makeStep(this.stepTo(dueAt));
    const step = this.stepTo(dueAt);
    await this.makeStep(step);
    const { names } = this.parts;
    await confirmed(channel, '', step > 0 ? names.delayQueue(step) : names.dueQueue, body, options);
  }

  private stepTo(dueAt: number): number {
    return stepOf(dueAt - this.parts.settings.clock.now().getTime());
  }

  /** Declared once, also for concurrent callers. */
  private makeStep(ms: number): Promise<void> {
    const known = this.steps.get(ms);
    if (ms === 0 || known) return known ?? Promise.resolve();
    const made = this.declareStep(ms).catch((error: unknown) => {
      this.steps.delete(ms);
      throw error;
    });
    this.steps.set(ms, made);
    return made;
  }

  private async declareStep(ms: number): Promise<void> {
    const { names, topology } = this.parts;
    const name = names.delayQueue(ms);
    const options = {
      durable: true,
      arguments: {
        'x-queue-type': 'quorum',
        'x-message-ttl': ms,
        'x-dead-letter-exchange': '',
        'x-dead-letter-routing-key': names.dueQueue,
        'x-dead-letter-strategy': 'at-least-once',
        'x-overflow': 'reject-publish',
      },
    };
    await topology.withDeclarer((declarer) => declarer.queue(name, options));
    topology.remember('queues', name);
  }

  private async release(channel: ConfirmChannel, message: Message): Promise<void> {
    const options = optionsOf(message);
    const word = (key: string) => key.slice(key.lastIndexOf('.') + 1);
    for (const { exchange, routingKey } of targetsOf(message)) {
      const named = { ...options.headers, [headers.partition]: word(routingKey) };
      await confirmed(channel, exchange, routingKey, message.content, {
        ...options,
        headers: named,
      });
    }
  }
}

function targetsOf(message: Message): readonly Target[] {
  try {
    return JSON.parse(String(message.properties.headers?.[targetHeader])) as readonly Target[];
  } catch {
    return [];
  }
}

/** The properties of a message, without the headers that RabbitMQ added when it moved it. */
function optionsOf({ properties }: Message): Options.Publish {
  const kept = Object.entries(properties.headers ?? {}).filter(([name]) => !name.startsWith('x-'));
  return {
    contentType: properties.contentType,
    contentEncoding: properties.contentEncoding,
    persistent: true,
    timestamp: properties.timestamp,
    messageId: properties.messageId,
    type: properties.type,
    correlationId: properties.correlationId,
    appId: properties.appId,
    headers: Object.fromEntries(kept),
  };
}

/** Publishes, and resolves on the confirm. */
export const confirmed = (
  channel: ConfirmChannel,
  exchange: string,
  routingKey: string,
  body: Buffer,
  options: Options.Publish,
): Promise<void> =>
  new Promise((resolve, reject) => {
    channel.publish(exchange, routingKey, body, options, (error) =>
      error ? reject(error as Error) : resolve(),
    );
  });
