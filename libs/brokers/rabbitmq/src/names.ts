import { type Envelope, newId, shardOf } from '@waybill/message';

/** Shards of the groups that bind to the exchange of a channel itself; others have an exchange for their number. */
export const usualShards = 4;

/** Every name that the adapter gives to exchanges and queues, for one namespace. */
export class Names {
  constructor(private readonly prefix: string) {}

  /** Topic exchange of a channel, for groups with so many shards. */
  exchange(channel: string, shards: number = usualShards): string {
    return shards === usualShards
      ? `${this.prefix}${channel}`
      : `${this.prefix}${channel}.by-${shards}`;
  }

  /** The channel that an exchange belongs to, or null when it is none of ours. */
  channelOf(exchange: string): string | null {
    if (exchange === '' || !exchange.startsWith(this.prefix)) return null;
    return exchange.slice(this.prefix.length).replace(/\.by-\d+$/, '');
  }

  queue(group: string, shard: number): string {
    return `${this.prefix}${group}.${shard}`;
  }

  /** Where the urgent tasks of a shard wait. */
  urgentQueue(group: string, shard: number): string {
    return `${this.prefix}${group}.${shard}.urgent`;
  }

  /** What RabbitMQ gave up on, of one group; drained into the group again. */
  deadQueue(group: string): string {
    return `${this.prefix}${group}.dead`;
  }

  /** Copies of the dead letters of a shard, for people who look at RabbitMQ. */
  mirrorQueue(group: string, shard: number): string {
    return `${this.queue(group, shard)}.dead`;
  }

  /** An empty queue that remembers the number of shards. */
  shardsQueue(group: string): string {
    return `${this.prefix}${group}.shards`;
  }

  /** Headers exchange behind a binding with a filter. */
  filterExchange(group: string, channel: string, pattern: string): string {
    return `${this.prefix}${group}.filter.${channel}.${pattern}`;
  }

  /** Direct exchange of what RabbitMQ gave up on. */
  get deadExchange(): string {
    return `${this.prefix}waybill.dead`;
  }

  /** Topic exchange that shows observers what goes by. */
  get observed(): string {
    return `${this.prefix}waybill.observed`;
  }

  /** Direct exchange on which the consumers of a group tell each other what they own. */
  get members(): string {
    return `${this.prefix}waybill.members`;
  }

  /** Direct exchange of requests: by their type to one responder, by `all.<type>` to all. */
  get requests(): string {
    return `${this.prefix}waybill.requests`;
  }

  requestQueue(type: string): string {
    return `${this.prefix}waybill.requests.${type}`;
  }

  /** A queue that ends with the connection which made it. */
  own(purpose: string): string {
    return `${this.prefix}waybill.own.${purpose}.${newId()}`;
  }

  /** Delayed messages that are due, or nearly. */
  get dueQueue(): string {
    return `${this.prefix}waybill.delay.due`;
  }

  delayQueue(ms: number): string {
    return `${this.prefix}waybill.delay.${ms}`;
  }
}

/** The last word of a routing key: which shard, and whether it may overtake. */
export const shardWord = (shard: number, urgent: boolean): string =>
  urgent ? `urgent-${shard}` : String(shard);

/** The routing key of a message: its own words, then its shard. */
export const routingKeyOf = (envelope: Envelope, shards: number, urgent: boolean): string =>
  `${envelope.routingKey}.${shardWord(shardOf(envelope.key, shards), urgent)}`;

/** Channels whose messages somebody must hear are not shown to observers: a queue that watches is no hearer. */
export const mayBeObserved = (channel: string): boolean =>
  !/\.(commands|tasks|replies)$/.test(channel);
