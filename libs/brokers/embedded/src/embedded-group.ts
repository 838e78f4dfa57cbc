import { type Priority, partitionOf, priorities } from '@waybill/message';
import { type ChannelStats, type Clock, type Listener, type Outgoing } from '@waybill/messaging';
import type { Confirm } from './confirm.ts';
import type { Courtesy } from './courtesy.ts';
import { type ChannelCounter, Entry, type OpenKey } from './entry.ts';
import type { LogRecord, Place } from './log/log-record.ts';
import { PartitionOwners } from './partition-owners.ts';
import { Subscription, type SubscriptionHost } from './subscription.ts';

/** Limits of one group. */
export interface GroupLimits {
  readonly clock: Clock;
  /** Messages that may be uncommitted at once. */
  readonly size: number;
  /** Characters of their bodies together. */
  readonly bytes: number;
  /** Null: no group waits for another. */
  readonly courtesy: Courtesy | null;
  /** Whether another party waits for the outcome of its messages. */
  readonly isAwaited: boolean;
}

const levelOf = Object.fromEntries(
  priorities.map((priority, level) => [priority, level]),
) as Record<Priority, number>;

/** A declared group: its messages from publish to commit, and the consumers that share its partitions. */
export class EmbeddedGroup implements SubscriptionHost {
  readonly clock: Clock;
  readonly #counters = new Map<string, ChannelCounter>();
  readonly #openKeys = new Map<string, OpenKey>();
  readonly #owners: PartitionOwners;
  #open = 0;
  #bytes = 0;
  #sequence = 0;
  /** The sequence of the message before all others. */
  #first = 0;
  #flowing = true;

  constructor(
    readonly name: string,
    readonly partitions: number,
    private readonly limits: GroupLimits,
  ) {
    this.clock = limits.clock;
    this.#owners = new PartitionOwners(partitions, limits.clock);
  }

  /** How many messages are published and not committed. */
  get open(): number {
    return this.#open;
  }

  /** Ignores the size of a message, because otherwise a small one would pass a larger one that was refused before it. */
  isFull(): boolean {
    return this.#open >= this.limits.size || this.#bytes >= this.limits.bytes;
  }

  /** `place`: where it is in the log, if it is kept there. */
  add(message: Outgoing, confirm: Confirm | null, now: number, place: Place | null): void {
    const { key, priority } = message.envelope;
    const openKey = this.#openKeyOf(key);
    const level = levelOf[priority] ?? levelOf.normal;
    openKey.level = openKey.open === 0 ? level : Math.max(level, openKey.level);
    this.#sequence += 1;
    const entry = this.#entryOf(message, confirm, now, place, [openKey.level, this.#sequence]);
    this.#owners.queueOf(entry.partition).add(entry);
    this.#owners.ownerOf(entry.partition)?.wake();
  }

  /** The channels that it subscribes to. */
  channels(): readonly string[] {
    return [...this.#counters.keys()];
  }

  get hasConsumers(): boolean {
    return this.#owners.consumers.length > 0;
  }

  /** Puts messages of the log before all that wait. */
  replay(records: readonly LogRecord[], now: number, confirm: Confirm): readonly Entry[] {
    this.#first -= records.length;
    const entries = records.map(({ message, place }, index) => {
      const rank = [0, this.#first + index] as const;
      const entry = this.#entryOf(message, confirm, now, place, rank);
      entry.deliveries = 1;
      return entry;
    });
    this.#owners.putBack(entries);
    return entries;
  }

  /** Starts to count a channel, so that `stats` lists it before its first message. */
  listenTo(channel: string): void {
    this.#counterOf(channel);
  }

  async subscribe(listener: Listener, prefetch: number): Promise<() => Promise<void>> {
    const consumer = new Subscription(listener, prefetch, this);
    await this.#owners.join(consumer);
    return async () => this.#owners.leave(consumer);
  }

  isFlowing(): boolean {
    return this.#flowing;
  }

  /** Stops or starts the deliveries of every consumer. */
  flow(flowing: boolean): void {
    this.#flowing = flowing;
    if (flowing) for (const consumer of this.#owners.consumers) consumer.wake();
  }

  /** Calls `deliver` when it is the turn of this group, after the caller has returned. */
  inTurn(deliver: () => void): void {
    const { courtesy, isAwaited } = this.limits;
    if (!courtesy || isAwaited) queueMicrotask(deliver);
    else courtesy.inTurn(deliver, () => this.#open);
  }

  handOver(entry: Entry): void {
    entry.deliveries += 1;
    entry.inFlight = true;
    entry.counter.depth -= 1;
    entry.counter.inFlight += 1;
    entry.counter.delivered += 1;
  }

  commit(entry: Entry): void {
    if (entry.committed) return;
    entry.committed = true;
    if (entry.inFlight) entry.counter.inFlight -= 1;
    else entry.counter.depth -= 1;
    entry.counter.acked += 1;
    entry.openKey.open -= 1;
    if (entry.openKey.open === 0) this.#openKeys.delete(entry.openKey.key);
    this.#count(-1);
    this.#bytes -= entry.message.body.length;
    entry.confirm?.done();
  }

  takeBack(entry: Entry): void {
    if (entry.committed) return;
    entry.inFlight = false;
    entry.counter.inFlight -= 1;
    entry.counter.depth += 1;
    this.#owners.queueOf(entry.partition).giveBack(entry);
    this.#owners.ownerOf(entry.partition)?.wakeLater();
  }

  /** Resolves when no consumer holds a message. */
  async whenIdle(): Promise<void> {
    await Promise.all(this.#owners.consumers.map((consumer) => consumer.whenIdle()));
  }

  /** Ends every subscription. */
  dismissConsumers(): void {
    for (const consumer of this.#owners.consumers) this.#owners.leave(consumer);
  }

  /** Every message that is not committed. */
  *uncommitted(): Generator<Entry> {
    yield* this.#owners.waiting();
    for (const consumer of this.#owners.consumers) {
      yield* consumer.queue;
      for (const { entry } of consumer.inFlight.newestFirst()) if (!entry.committed) yield entry;
    }
  }

  /** The messages of a channel that are not committed, in order of arrival. */
  waitingOn(channel: string): readonly Entry[] {
    return [...this.uncommitted()]
      .filter(({ counter }) => counter.channel === channel)
      .sort((one, other) => one.sequence - other.sequence);
  }

  /** `endOf`: the offset after the last message of a partition in the log; null: the channel is not kept. */
  stats(now: number, endOf: (channel: string, partition: number) => number | null): ChannelStats[] {
    const depths = new Map<string, number>();
    const offsets = new Map<string, number>();
    const oldest = new Map<string, number>();
    for (const { counter, partition, inFlight, arrivedAt, place: kept } of this.uncommitted()) {
      const place = `${counter.channel} ${partition}`;
      if (kept) offsets.set(place, Math.min(kept.offset, offsets.get(place) ?? kept.offset));
      if (!inFlight) depths.set(place, (depths.get(place) ?? 0) + 1);
      oldest.set(counter.channel, Math.min(arrivedAt, oldest.get(counter.channel) ?? arrivedAt));
    }
    return [...this.#counters.values()].map(({ channel, ...counter }) => ({
      ...counter,
      channels: [channel],
      group: this.name,
      oldestMs: now - (oldest.get(channel) ?? now),
      consumers: this.#owners.consumers.length,
      partitions: Array.from({ length: this.partitions }, (_, partition) => {
        const place = `${channel} ${partition}`;
        const end = endOf(channel, partition);
        return {
          partition,
          depth: depths.get(place) ?? 0,
          offset: offsets.get(place) ?? end,
          end,
        };
      }),
    }));
  }

  #entryOf(
    message: Outgoing,
    confirm: Confirm | null,
    now: number,
    place: Place | null,
    [level, sequence]: readonly [number, number],
  ): Entry {
    const { key, expiresAt } = message.envelope;
    const openKey = this.#openKeyOf(key);
    openKey.open += 1;
    const counter = this.#counterOf(message.channel);
    counter.published += 1;
    counter.depth += 1;
    this.#count(1);
    this.#bytes += message.body.length;
    return new Entry(
      counter,
      openKey,
      message,
      partitionOf(key, this.partitions),
      level,
      sequence,
      now,
      expiresAt === null ? Number.POSITIVE_INFINITY : Date.parse(expiresAt),
      confirm,
      place,
    );
  }

  #count(messages: 1 | -1): void {
    const { courtesy, isAwaited } = this.limits;
    this.#open += messages;
    if (courtesy && isAwaited) courtesy.onTheirWay += messages;
  }

  #openKeyOf(key: string): OpenKey {
    const known = this.#openKeys.get(key);
    if (known) return known;
    const openKey = { key, level: 0, open: 0 };
    this.#openKeys.set(key, openKey);
    return openKey;
  }

  #counterOf(channel: string): ChannelCounter {
    const known = this.#counters.get(channel);
    if (known) return known;
    const counter = { channel, depth: 0, inFlight: 0, published: 0, delivered: 0, acked: 0 };
    this.#counters.set(channel, counter);
    return counter;
  }
}
