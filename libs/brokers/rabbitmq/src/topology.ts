import type { Group } from '@waybill/messaging';
import type { Options } from 'amqplib';
import { type Bound, boundOf, queuesOf } from './bindings.ts';
import { Declarer } from './declarer.ts';
import type { Link } from './link.ts';
import { isLive, mayBeObserved, type Names, usualPartitions } from './names.ts';
import type { Settings } from './rabbitmq-options.ts';

const differs = 406;
const nameOf = ({ to, from, pattern, args }: Bound): string =>
  JSON.stringify([to, from, pattern, args]);

/** The exchanges, queues and bindings of the declared groups. */
export class Topology {
  private readonly groups = new Map<string, Group>();
  private readonly bound = new Map<string, Map<string, Bound>>();
  private readonly made = { exchanges: new Set<string>(), queues: new Set<string>() };
  private readonly channels = new Set<string>();
  private line: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly link: Link,
    private readonly names: Names,
    private readonly settings: Settings,
  ) {}

  /** Returns a declared group; throws a `TypeError` if this process has not declared it. */
  group(name: string): Group {
    const found = this.groups.get(name);
    if (!found) throw new TypeError(`group ${name} is not declared`);
    return found;
  }

  all(): readonly Group[] {
    return [...this.groups.values()];
  }

  /** The numbers of partitions, other than the usual one, among the groups of a channel. */
  unusualPartitions(channel: string): readonly number[] {
    return this.unusual.get(channel) ?? [];
  }

  private readonly unusual = new Map<string, number[]>();

  /** Creates or checks groups; calls run one after another. */
  declare(groups: readonly Group[]): Promise<void> {
    const turn = this.line.then(() =>
      this.withDeclarer((declarer) => this.create(groups, declarer)),
    );
    this.line = turn.catch(() => undefined);
    return turn;
  }

  /** Creates the exchange of a channel that is not declared yet; remembered until `again`. */
  async channel(channel: string): Promise<void> {
    if (this.channels.has(channel)) return;
    await this.withDeclarer((declarer) => this.exchanges(channel, usualPartitions, declarer));
  }

  knowsChannel(channel: string): boolean {
    return this.channels.has(channel);
  }

  /** Something is missing at the broker: declares everything again; what exists stays. */
  async again(): Promise<void> {
    this.channels.clear();
    this.made.exchanges.clear();
    this.bound.clear();
    await this.declare(this.all());
  }

  /** Deletes everything declared here, with every message in it. */
  async remove(link: Link): Promise<void> {
    await this.withDeclarer(async (declarer) => {
      for (const queue of this.made.queues)
        await declarer.run((channel) => channel.deleteQueue(queue)).catch(() => undefined);
      for (const exchange of this.made.exchanges)
        await declarer.run((channel) => channel.deleteExchange(exchange)).catch(() => undefined);
    }, link);
  }

  async withDeclarer<T>(
    work: (declarer: Declarer) => Promise<T>,
    link: Link = this.link,
  ): Promise<T> {
    return link.patiently(async () => {
      const declarer = new Declarer(link);
      try {
        return await work(declarer);
      } finally {
        await declarer.close();
      }
    });
  }

  /** Records a queue or an exchange that was created elsewhere, for `remove`. */
  remember(kind: 'exchanges' | 'queues', name: string): void {
    this.made[kind].add(name);
  }

  private async create(groups: readonly Group[], declarer: Declarer): Promise<void> {
    if (groups.length === 0) await this.link.open();
    for (const group of groups) {
      this.checkPartitions(group);
      if (group.bindings.some(({ channel }) => isLive(channel)))
        throw new TypeError(`group ${group.name} subscribes to live updates: observe them`);
      await this.queues(group, declarer);
      await this.bind(group, declarer);
      this.groups.set(group.name, group);
      for (const { channel } of group.bindings) this.note(channel, group.partitions);
    }
  }

  private note(channel: string, partitions: number): void {
    const known = this.unusual.get(channel) ?? [];
    if (partitions === usualPartitions || known.includes(partitions)) return;
    this.unusual.set(channel, [...known, partitions]);
  }

  private checkPartitions(group: Group): void {
    if (!Number.isInteger(group.partitions) || group.partitions < 1)
      throw new TypeError(`group ${group.name} needs at least one partition`);
    const known = this.groups.get(group.name);
    if (known && known.partitions !== group.partitions)
      throw this.otherPartitions(group, known.partitions);
  }

  private otherPartitions({ name, partitions }: Group, known: number | string): TypeError {
    return new TypeError(
      `group ${name} has ${known} partitions, and that number never changes: ${partitions}`,
    );
  }

  private async queues(group: Group, declarer: Declarer): Promise<void> {
    const { names } = this;
    await this.exchange(names.deadExchange, 'direct', declarer);
    await this.exchange(names.members, 'direct', declarer);
    const partitions = names.partitionsQueue(group.name);
    const marked = {
      durable: true,
      maxLength: group.partitions,
      arguments: { 'x-queue-type': 'classic' },
    };
    await declarer.queue(partitions, marked).catch((error: { code?: unknown }) => {
      throw error.code === differs ? this.otherPartitions(group, 'another number of') : error;
    });
    this.made.queues.add(partitions);
    await this.queue(names.deadQueue(group.name), quorum({}), declarer);
    await declarer.bindQueue(names.deadQueue(group.name), names.deadExchange, group.name);
    for (const { name, partition, priority } of queuesOf(group, names)) {
      await this.queueOf(group, name, declarer);
      if (this.settings.mirrorDeadLetters && priority === 'normal')
        await this.queue(names.mirrorQueue(group.name, partition), mirror, declarer);
    }
  }

  /** Activity comes in bulk from outside, so its groups take only so much. A queue that an older release has created takes any amount. */
  private async queueOf(group: Group, name: string, declarer: Declarer): Promise<void> {
    const unlimited = () => this.queue(name, this.partitionQueue(group), declarer);
    if (group.kind !== 'activity') return unlimited();
    const limit = { 'x-max-length': this.settings.activityLimit };
    await this.queue(name, this.partitionQueue(group, limit), declarer).catch((error: Error) => {
      if (!(error instanceof TypeError)) throw error;
      return unlimited();
    });
  }

  private partitionQueue(group: Group, limit: Readonly<Record<string, number>> = {}) {
    return quorum({
      ...limit,
      'x-delivery-limit': this.settings.deliveryLimit,
      'x-dead-letter-exchange': this.names.deadExchange,
      'x-dead-letter-routing-key': group.name,
      'x-dead-letter-strategy': 'at-least-once',
      'x-overflow': 'reject-publish',
    });
  }

  private async bind(group: Group, declarer: Declarer): Promise<void> {
    for (const { channel } of group.bindings) {
      await this.exchanges(channel, usualPartitions, declarer);
      await this.exchanges(channel, group.partitions, declarer);
    }
    const wanted = new Map(boundOf(group, this.names).map((each) => [nameOf(each), each]));
    const known = this.bound.get(group.name) ?? new Map<string, Bound>();
    for (const [name, each] of wanted) if (!known.has(name)) await this.bindOne(each, declarer);
    for (const [name, { to, from, pattern, args }] of known)
      if (!wanted.has(name)) await declarer.unbindQueue(to, from, pattern, args);
    this.bound.set(group.name, wanted);
  }

  private async bindOne(
    { to, from, pattern, args, filter }: Bound,
    declarer: Declarer,
  ): Promise<void> {
    if (filter && !this.made.exchanges.has(from)) {
      await this.exchange(from, 'headers', declarer);
      await declarer.bindExchange(from, filter.channel, filter.pattern);
    }
    await declarer.bindQueue(to, from, pattern, args);
  }

  private async exchanges(channel: string, partitions: number, declarer: Declarer): Promise<void> {
    const name = this.names.exchange(channel, partitions);
    if (this.made.exchanges.has(name)) return;
    await declarer.exchange(name, isLive(channel) ? 'fanout' : 'topic');
    if (partitions === usualPartitions && mayBeObserved(channel)) {
      await this.exchange(this.names.observed, 'topic', declarer);
      await declarer.bindExchange(this.names.observed, name, '#');
    }
    this.made.exchanges.add(name);
    if (partitions === usualPartitions) this.channels.add(channel);
  }

  private async exchange(name: string, type: 'topic' | 'direct' | 'headers', declarer: Declarer) {
    if (this.made.exchanges.has(name)) return;
    await declarer.exchange(name, type);
    this.made.exchanges.add(name);
  }

  private async queue(name: string, options: Options.AssertQueue, declarer: Declarer) {
    await declarer.queue(name, options).catch((error: { code?: unknown }) => {
      if (error.code !== differs) throw error;
      throw new TypeError(`queue ${name} exists with other arguments; delete it when it is empty`, {
        cause: error,
      });
    });
    this.made.queues.add(name);
  }
}

/** Since 4.0, RabbitMQ drops messages after 20 redeliveries, unless there is another limit or a dead-letter exchange. */
const practicallyNever = 1_000_000;

/** Durable, replicated, and consumed by one consumer at a time in the order of arrival. */
export const quorum = (args: Readonly<Record<string, string | number>>) => ({
  durable: true,
  arguments: {
    'x-queue-type': 'quorum',
    'x-single-active-consumer': true,
    'x-delivery-limit': practicallyNever,
    ...args,
  },
});

/** Copies of dead letters; only the latest are kept. */
const mirror = {
  durable: true,
  arguments: {
    'x-queue-type': 'quorum',
    'x-delivery-limit': practicallyNever,
    'x-max-length': 10_000,
  },
};
