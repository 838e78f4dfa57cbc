import type { Envelope } from '@waybill/message';
import {
  type Broker,
  BrokerAway,
  BrokerClosed,
  type ChannelStats,
  type Group,
  guaranteeing,
  InvalidBrokerSetting,
  type ObserveOptions,
  type Outgoing,
  type Settled,
  wireBodyOf,
} from '@waybill/messaging';
import { explained, NotPromised } from './redis-errors.ts';
import { RedisLink } from './redis-link.ts';
import { largestBody, RedisObservers } from './redis-observers.ts';
import { prefixOf, type RedisOptions } from './redis-options.ts';
import { isPattern, RedisSubscriptions } from './redis-subscriptions.ts';

const patience = 3_000;

/** The state of the connections, for health checks. */
export type RedisState = 'connected' | 'connecting' | 'closed';

/**
 * Live messages by Redis pub/sub: at most once, to the observers that are subscribed at that moment. A message settles
 * when Redis has accepted it, or fails at once when Redis is unavailable. After a broken connection, observers are told
 * of the gap when they receive again.
 */
export class RedisBroker implements Broker {
  readonly name = 'redis';
  readonly guarantees = guaranteeing();
  readonly largest = largestBody;
  private readonly publisher: RedisLink;
  private readonly subscriber: RedisLink;
  private readonly observers: RedisObservers;
  private readonly subscriptions: RedisSubscriptions;
  private readonly prefix: string;
  private readonly underway = new Set<Promise<void>>();
  private closing: Promise<void> | null = null;

  /** Does not connect; throws `InvalidBrokerSetting` for a URL or a file that cannot be read. */
  constructor(options: RedisOptions) {
    const trouble = options.onTrouble ?? (() => {});
    this.prefix = `${prefixOf(options)}live:`;
    this.observers = new RedisObservers(trouble);
    this.publisher = new RedisLink(options, 'publisher');
    this.subscriber = new RedisLink(options, 'subscriber', () => this.subscriptions.restart());
    this.subscriptions = new RedisSubscriptions(this.subscriber, () => this.observers.topics(), {
      subscribed: (topic) => this.observers.gap(topic),
      refused: (topic, error) =>
        trouble(`redis refuses to subscribe ${topic}`, explained(error, this.subscriber.place)),
    });
    const { redis } = this.subscriber;
    redis.on('messageBuffer', (topic: Buffer, content: Buffer) =>
      this.observers.tell(String(topic), content),
    );
    redis.on('pmessageBuffer', (topic: string, _: Buffer, content: Buffer) =>
      this.observers.tell(String(topic), content),
    );
  }

  /**
   * Connects. Rejects with `NotPromised` for any group, and with `InvalidBrokerSetting` if the URL, the user, the password or the
   * certificate is wrong. Resolves if Redis is unavailable: that is reported to `onTrouble`, and the connection is retried.
   */
  async declare(groups: readonly Group[]): Promise<void> {
    if (this.closing) throw new BrokerClosed(this.name);
    const [first] = groups;
    if (first) throw new NotPromised(`group ${first.name} of kind ${first.kind}`);
    try {
      await this.publisher.whenConnected(patience);
    } catch (error) {
      if (error instanceof InvalidBrokerSetting) throw error;
    }
    if (this.observers.topics().length > 0) this.subscriber.open();
  }

  publish(messages: readonly Outgoing[], settled: Settled): void {
    if (!this.closing) this.publisher.open();
    for (const message of messages) {
      const { envelope } = message;
      const sent = this.send(message).then(
        () => settled(envelope.id),
        (error: Error) => settled(envelope.id, error),
      );
      const done = sent.finally(() => this.underway.delete(done));
      this.underway.add(done);
    }
  }

  observe(
    pattern: string,
    listener: (envelope: Envelope) => void,
    { onGap }: ObserveOptions = {},
  ): () => void {
    if (this.closing) return () => {};
    const stop = this.observers.add(this.topicOf(pattern), pattern, listener, onGap);
    this.subscriber.open();
    this.subscriptions.adjust();
    return () => {
      stop();
      this.subscriptions.adjust();
    };
  }

  subscribe(group: string): Promise<never> {
    return this.refuse(`group ${group}`);
  }

  /** Redis stores no messages, so there is nothing to count. */
  async stats(): Promise<readonly ChannelStats[]> {
    return [];
  }

  /** For health checks: whether every connection in use works. */
  state(): RedisState {
    if (this.closing) return 'closed';
    const used = [this.publisher, this.subscriber].filter(({ state }) => state !== 'idle');
    const works = used.length > 0 && used.every(({ state }) => state === 'connected');
    return works ? 'connected' : 'connecting';
  }

  /** True if every observer is subscribed; before that, messages may be missed. */
  get listens(): boolean {
    return this.observers.topics().length === 0 || this.subscriptions.complete;
  }

  close(): Promise<void> {
    this.closing ??= this.end();
    return this.closing;
  }

  private async end(): Promise<void> {
    this.observers.clear();
    await Promise.all(this.underway);
    await Promise.all([this.publisher.close(), this.subscriber.close()]);
  }

  private async send(message: Outgoing): Promise<void> {
    if (this.closing) throw new BrokerClosed(this.name);
    const { redis, place, state } = this.publisher;
    if (state !== 'connected') throw new BrokerAway('REDIS_URL', `${place} does not answer`);
    try {
      const topic = `${this.prefix}${firstWord(message.envelope.routingKey)}`;
      await redis.publish(topic, wireBodyOf(message).content);
    } catch (error) {
      throw explained(error, place);
    }
  }

  /** The topic of messages that match a pattern: that of its first word, or all topics. */
  private topicOf(pattern: string): string {
    const word = firstWord(pattern);
    const topic = `${this.prefix}${word === '#' || word === '*' ? '*' : word}`;
    if (isPattern(topic) && word.length > 1)
      throw new TypeError(`"${pattern}" is not a topic pattern`);
    return topic;
  }

  private async refuse(what: string): Promise<never> {
    throw this.closing ? new BrokerClosed(this.name) : new NotPromised(what);
  }
}

const firstWord = (key: string): string => key.split('.', 1)[0] ?? '';

/** Creates a broker for live messages; it does not connect yet. */
export const redisBroker = (options: RedisOptions): RedisBroker => new RedisBroker(options);
