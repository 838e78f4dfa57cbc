import type { Clock, Listener } from '@waybill/messaging';
import type { Assignment, KafkaClient, Position, StoredRecord } from './client/kafka-client.ts';
import { Commits } from './commits.ts';
import { KafkaDelivery, type Settler } from './delivery.ts';
import type { GroupCounts } from './group-counts.ts';
import { LastingReader } from './lasting-reader.ts';
import { PartitionOwnership } from './partition-ownership.ts';
import type { Entry } from './partition-window.ts';
import { PartitionWindow } from './partition-window.ts';
import { routingOf } from './record.ts';
import type { Topics } from './topics.ts';
import type { DeclaredGroup } from './topology.ts';

/** What a consumer of a group depends on. */
export interface GroupConsumerParts {
  readonly client: KafkaClient;
  readonly clock: Clock;
  readonly group: DeclaredGroup;
  readonly groupId: string;
  readonly instance: string | null;
  readonly listener: Listener;
  readonly prefetch: number;
  readonly commitMs: number;
  readonly counts: GroupCounts;
  readonly topics: Pick<Topics, 'restore'>;
  readonly topicOf: (channel: string) => string;
  readonly onTrouble: (what: string, error: Error) => void;
}

/** Limits of what waits in memory per partition: reading pauses at a limit and resumes at half of it. */
const mostWaiting = 1_000;
const mostCharacters = 1024 * 1024;

/**
 * One consumer of a group: reads its partitions, delivers at most `prefetch` unsettled records, and commits for each
 * partition the offset before which everything is settled.
 */
export class GroupConsumer implements Settler {
  readonly #reader: LastingReader;
  readonly #partitions: PartitionOwnership;
  readonly #commits: Commits;
  #windows: PartitionWindow[] = [];
  #memberId = '';
  #generation = -1;
  /** The group has announced a rebalance. */
  #announced = false;
  #inHand = 0;
  #turn = 0;
  #pumping = false;
  #flowing = true;
  #left: Promise<void> | null = null;
  #prepared: { resolve(): void; reject(error: Error): void } | null = null;
  #whenIdle: () => void = () => {};

  constructor(private readonly parts: GroupConsumerParts) {
    this.#partitions = new PartitionOwnership(parts.listener);
    const options = () => this.#readerOptions();
    const restore = () => parts.topics.restore([...options().topics.keys()]);
    this.#reader = new LastingReader(parts.client, options, restore, {
      joined: (assignment) => this.#joined(assignment),
      rebalancing: () => this.#rebalancing(),
      records: (topic, partition, records) => this.#take(topic, partition, records),
      lost: (error) => this.#lost(error),
    });
    this.#commits = new Commits(
      (positions) => this.#reader.commit(positions),
      () => this.#windows,
      parts.commitMs,
    );
  }

  /** Resolves when it has its first partitions and the listener is prepared; otherwise it leaves and rejects. */
  async open(): Promise<void> {
    const prepared = new Promise<void>((resolve, reject) => {
      this.#prepared = { resolve, reject };
    });
    prepared.catch(() => undefined);
    try {
      await this.#reader.open();
      await prepared;
    } catch (error) {
      await this.leave();
      throw error;
    }
  }

  /** Reads the channels that the group has now. */
  async rebind(): Promise<void> {
    if (this.#left) return;
    await this.#commits.commit().catch(() => undefined);
    this.#dropAll();
    await this.#reader.restart();
  }

  isUp(): boolean {
    return this.#reader.isUp();
  }

  windows(): readonly PartitionWindow[] {
    return this.#windows;
  }

  /** Stops delivering. */
  hold(): void {
    this.#flowing = false;
  }

  /** Resolves when no delivery is unsettled. */
  async idle(): Promise<void> {
    if (this.#inHand === 0) return;
    await new Promise<void>((resolve) => {
      this.#whenIdle = resolve;
    });
  }

  /** Commits what is settled and leaves the group; the rest is redelivered to other members. */
  leave(): Promise<void> {
    this.#left ??= this.#leave();
    return this.#left;
  }

  settle(window: PartitionWindow, entry: Entry): void {
    window.settle(entry);
    this.parts.counts.acked(window.channel);
    this.#release();
  }

  giveBack(window: PartitionWindow, entry: Entry): void {
    window.giveBack(entry);
    this.#release();
  }

  async #leave(): Promise<void> {
    this.#flowing = false;
    this.#prepared?.reject(new Error('the consumer has left'));
    await this.#commits.end();
    this.#dropAll();
    await this.#reader.close();
  }

  #readerOptions() {
    const { group, groupId, instance, topicOf } = this.parts;
    const topics = group.channels().map((channel) => [topicOf(channel), group.partitions] as const);
    return { group: groupId, instance, topics: new Map(topics) };
  }

  #rebalancing(): void {
    this.#announced = true;
    this.#commits.commitSoon();
  }

  /** A join without an announcement means that the reader rejoined because its topics changed. */
  #joined({ memberId, generation, topics }: Assignment): readonly Position[] {
    const next = this.#announced && generation - this.#generation <= 1;
    const unbroken = memberId === this.#memberId && next;
    this.#announced = false;
    this.#memberId = memberId;
    this.#generation = generation;
    const partitions = new Set([...topics.values()].flat());
    this.#drop(
      this.#partitions.all().filter((partition) => !unbroken || !partitions.has(partition)),
    );
    const fresh = [...partitions].filter((partition) => !this.#partitions.has(partition));
    const missing: PartitionWindow[] = [];
    for (const [topic, partitions] of topics) {
      for (const partition of partitions) {
        if (this.#windowOf(topic, partition)) continue;
        missing.push(new PartitionWindow(topic, this.#channelOf(topic), partition));
      }
    }
    this.#windows.push(...missing);
    void this.#prepare(fresh, missing);
    return this.#windows.flatMap(({ topic, partition, next }) =>
      next === null ? [] : [{ topic, partition, offset: next }],
    );
  }

  async #prepare(
    partitions: readonly number[],
    windows: readonly PartitionWindow[],
  ): Promise<void> {
    const marked = this.#markNew(windows);
    try {
      await this.#partitions.take(partitions);
    } catch (error) {
      this.#drop(partitions);
      if (this.#prepared) this.#prepared.reject(error as Error);
      else {
        this.parts.onTrouble(`consumer of ${this.parts.group.name}`, error as Error);
        void this.#reader.restart(1_000);
      }
      return;
    }
    await marked;
    this.#prepared?.resolve();
    this.#prepared = null;
    this.#pump();
  }

  /** Existing records may have been delivered by another consumer. */
  async #markNew(windows: readonly PartitionWindow[]): Promise<void> {
    const topics = [...new Set(windows.map(({ topic }) => topic))];
    const mark = async (topic: string): Promise<void> => {
      const ends = await this.parts.client.admin.ends(topic);
      for (const window of windows) {
        if (window.topic === topic) window.newFrom = ends[window.partition] ?? 0;
      }
    };
    await Promise.all(topics.map((topic) => mark(topic).catch(() => undefined)));
  }

  #take(topic: string, partition: number, records: readonly StoredRecord[]): void {
    const known = this.#windowOf(topic, partition);
    const [first] = records;
    if (!known || !first) return;
    const window = known.isNew(first.offset) ? known : this.#beginAgain(known);
    const { group } = this.parts;
    for (const record of records) {
      const { offset, value, bytes, gaveUp, timestamp } = record;
      const routing = routingOf(record);
      if (!group.wasReceived(window.channel, routing, partition, offset)) window.skip(offset);
      else {
        const { expiresAt } = routing;
        window.accept({
          offset,
          expiresAt,
          body: value,
          bytes,
          gaveUp,
          at: timestamp,
          deliveries: 0,
          state: 'waiting',
        });
      }
    }
    const full = window.waiting >= mostWaiting || window.size >= mostCharacters;
    if (full && !window.paused) {
      window.paused = true;
      this.#reader.pause(topic, partition);
    }
    this.#pumpSoon();
  }

  /** The partition was replaced: its topic was deleted and recreated, or its server lost records. */
  #beginAgain(window: PartitionWindow): PartitionWindow {
    const { topic, channel, partition } = window;
    const fresh = new PartitionWindow(topic, channel, partition);
    window.lost = true;
    this.#inHand -= window.inHand;
    if (window.paused) this.#reader.resume(topic, partition);
    this.#windows = this.#windows.map((each) => (each === window ? fresh : each));
    return fresh;
  }

  /** After the settlements of this turn, so that several returned deliveries come again in order. */
  #pumpSoon(): void {
    if (this.#pumping) return;
    this.#pumping = true;
    queueMicrotask(() => {
      this.#pumping = false;
      this.#pump();
    });
  }

  #pump(): void {
    while (this.#flowing && this.#inHand < this.parts.prefetch) {
      const window = this.#nextWindow();
      const entry = window?.take();
      if (!window || !entry) return;
      this.#deliver(window, entry);
      if (!window.paused) continue;
      if (window.waiting > mostWaiting / 2 || window.size > mostCharacters / 2) continue;
      window.paused = false;
      this.#reader.resume(window.topic, window.partition);
    }
  }

  /** Partitions take turns. */
  #nextWindow(): PartitionWindow | undefined {
    const { length } = this.#windows;
    for (let step = 0; step < length; step += 1) {
      this.#turn = (this.#turn + 1) % length;
      const window = this.#windows[this.#turn];
      if (window && window.waiting > 0 && this.#partitions.isReady(window.partition)) return window;
    }
    return undefined;
  }

  #deliver(window: PartitionWindow, entry: Entry): void {
    const { listener, clock, counts, onTrouble, group } = this.parts;
    const delivery = new KafkaDelivery(window, entry, this, clock.now().getTime());
    entry.deliveries += 1;
    this.#inHand += 1;
    counts.delivered(window.channel);
    try {
      listener.deliver(delivery);
    } catch (error) {
      onTrouble(`listener of ${group.name}`, error as Error);
    }
  }

  #release(): void {
    this.#inHand -= 1;
    if (this.#inHand === 0) this.#whenIdle();
    this.#pumpSoon();
  }

  #lost(error: Error): void {
    this.#dropAll();
    this.parts.onTrouble(`consumer of ${this.parts.group.name}`, error);
  }

  #dropAll(): void {
    this.#memberId = '';
    this.#drop(this.#partitions.all());
  }

  #drop(partitions: readonly number[]): void {
    const dropped = new Set(partitions);
    for (const window of this.#windows) {
      if (!dropped.has(window.partition)) continue;
      window.lost = true;
      this.#inHand -= window.inHand;
      if (window.paused) this.#reader.resume(window.topic, window.partition);
    }
    this.#windows = this.#windows.filter(({ lost }) => !lost);
    this.#partitions.drop(partitions);
    if (this.#inHand === 0) this.#whenIdle();
    this.#pumpSoon();
  }

  #windowOf(topic: string, partition: number): PartitionWindow | undefined {
    return this.#windows.find((each) => each.topic === topic && each.partition === partition);
  }

  #channelOf(topic: string): string {
    const { group, topicOf } = this.parts;
    return group.channels().find((channel) => topicOf(channel) === topic) ?? topic;
  }
}
