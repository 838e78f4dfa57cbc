import { RedisLink } from './redis-link.ts';
import { prefixOf, type RedisOptions } from './redis-options.ts';
import { RedisSubscriptions } from './redis-subscriptions.ts';

/** What is received by a pattern subscription. */
export interface PatternEvents {
  /** A message on a channel; its name is without the prefix. */
  readonly message: (channel: string, body: string) => void;
  /** Messages are received from now on; earlier ones may be missing. Also after each broken connection. */
  readonly subscribed: () => void;
}

/**
 * A subscription to every channel that begins with `<prefix><start>`, by `PSUBSCRIBE` on a connection of its own, which is restored
 * without limit. At most once: what is published while the connection is broken is lost.
 */
export class RedisPattern {
  private readonly link: RedisLink;
  private readonly wanted: string[];

  constructor(options: RedisOptions, start: string, events: PatternEvents) {
    const prefix = prefixOf(options);
    this.wanted = [`${prefix}${start}*`];
    const trouble = options.onTrouble ?? (() => undefined);
    this.link = new RedisLink(options, 'subscriber', () => subscriptions.restart());
    const subscriptions = new RedisSubscriptions(this.link, () => this.wanted, {
      subscribed: events.subscribed,
      refused: (topic, error) => trouble(`redis refuses to subscribe ${topic}`, error),
    });
    this.link.redis.on('pmessage', (_: string, channel: string, body: string) =>
      events.message(channel.slice(prefix.length), body),
    );
  }

  /** Connects; an unavailable Redis is connected to once it is reachable. */
  open(): void {
    this.link.open();
  }

  close(): Promise<void> {
    return this.link.close();
  }
}
