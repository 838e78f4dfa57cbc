import { type Envelope, kindOfChannel, newId, type Priority, partitionOf } from '@waybill/message';

/** Partitions of groups that bind to the exchange of a channel itself; another number has an exchange of its own. */
export const usualPartitions = 4;

/** The names of all exchanges and queues of the adapter, for one namespace. */
export class Names {
  constructor(private readonly prefix: string) {}

  /** Topic exchange of a channel, for groups with this number of partitions; fanout exchange of live updates, which no group receives. */
  exchange(channel: string, partitions: number = usualPartitions): string {
    if (isLive(channel)) return `${this.prefix}${channel}.fanout`;
    return partitions === usualPartitions
      ? `${this.prefix}${channel}`
      : `${this.prefix}${channel}.by-${partitions}`;
  }

  /** The channel of an exchange, or null for an exchange of another program. */
  channelOf(exchange: string): string | null {
    if (exchange === '' || !exchange.startsWith(this.prefix)) return null;
    return exchange.slice(this.prefix.length).replace(/\.by-\d+$/, '');
  }

  /** The queue of a partition for messages of one priority. */
  queue(group: string, partition: number, priority: Priority = 'normal'): string {
    const word = words[priority];
    return `${this.prefix}${group}.${partition}${word === '' ? '' : `.${word}`}`;
  }

  /** Messages of a group that RabbitMQ gave up on; drained back into the group. */
  deadQueue(group: string): string {
    return `${this.prefix}${group}.dead`;
  }

  /** Copies of the dead letters of a partition, for users of RabbitMQ's own tools. */
  mirrorQueue(group: string, partition: number): string {
    return `${this.queue(group, partition)}.dead`;
  }

  /** An empty queue that records the number of partitions. */
  partitionsQueue(group: string): string {
    return `${this.prefix}${group}.shards`;
  }

  /** Headers exchange of a binding with a filter. */
  filterExchange(group: string, channel: string, pattern: string): string {
    return `${this.prefix}${group}.filter.${channel}.${pattern}`;
  }

  /** Direct exchange for messages that RabbitMQ gave up on. */
  get deadExchange(): string {
    return `${this.prefix}waybill.dead`;
  }

  /** Topic exchange that copies messages to observers. */
  get observed(): string {
    return `${this.prefix}waybill.observed`;
  }

  /** Direct exchange on which the consumers of a group announce what they own. */
  get members(): string {
    return `${this.prefix}waybill.members`;
  }

  /** Direct exchange for requests, by `requestKey`. */
  get requests(): string {
    return `${this.prefix}waybill.requests`;
  }

  /** The queue of the responders that share a `requestKey`. */
  requestQueue(key: string): string {
    return `${this.prefix}waybill.requests.${key}`;
  }

  /** Fanout exchange and queue of messages that wait this many milliseconds for their next try. */
  retry(ms: number): string {
    return `${this.prefix}waybill.retry.${ms}`;
  }

  /** A queue that is deleted with the connection that created it. */
  own(purpose: string): string {
    return `${this.prefix}waybill.own.${purpose}.${newId()}`;
  }
}

/** The routing key of a request: its type, and the name of its responders if it is for those alone. */
export const requestKey = (type: string, name?: string): string =>
  name === undefined ? type : `${type}/${name}`;

/** Priorities in the names of queues and routing keys. With two queues per partition, `urgent` was the other one: its messages stay. */
const words: Readonly<Record<Priority, string>> = {
  critical: 'critical',
  high: 'urgent',
  normal: '',
  low: 'low',
};

/** The last word of a routing key: the partition, and the queue of its group. */
export const partitionWord = (partition: number, priority: Priority): string =>
  words[priority] === '' ? String(partition) : `${words[priority]}-${partition}`;

/** The routing key of a message: its own words, then its partition. */
export const routingKeyOf = (envelope: Envelope, partitions: number, priority: Priority): string =>
  `${envelope.routingKey}.${partitionWord(partitionOf(envelope.key, partitions), priority)}`;

/** Whether a channel has live updates: each goes to all observers, and to nobody else. */
export const isLive = (channel: string): boolean => kindOfChannel(channel) === 'live';

/** False for channels whose messages must reach a group: an observer's queue would hide that they are unroutable. */
export const mayBeObserved = (channel: string): boolean =>
  !/\.(commands|tasks|replies)$/.test(channel);
