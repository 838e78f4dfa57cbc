import type { Group } from '@waybill/messaging';
import type { KafkaAdmin } from './client/kafka-client.ts';
import type { Names } from './names.ts';
import type { Topics } from './topics.ts';
import { DeclaredGroup, type Topology } from './topology.ts';

/** Creates the topics of groups and records their bindings, one declaration after another. */
export class Declaring {
  #running: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly topology: Topology,
    private readonly topics: Topics,
    private readonly admin: KafkaAdmin,
    private readonly names: Names,
  ) {}

  /** Returns the groups that subscribe to more channels. Rejects with a `TypeError` for another number of partitions. */
  declare(groups: readonly Group[]): Promise<ReadonlySet<string>> {
    const declared = this.#running.then(() => this.#declare(groups));
    this.#running = declared.catch(() => undefined);
    return declared;
  }

  async #declare(groups: readonly Group[]): Promise<ReadonlySet<string>> {
    const rebound = new Set<string>();
    for (const group of groups) {
      await this.#makeTopics(group);
      const known = this.topology.find(group.name);
      const before = known?.channels() ?? [];
      const declared = known ?? new DeclaredGroup(group.name, group.partitions);
      if (declared.changes(group)) declared.bind(group, await this.#until(before));
      this.topology.add(declared);
      if (known && declared.channels().some((channel) => !before.includes(channel))) {
        rebound.add(group.name);
      }
    }
    return rebound;
  }

  async #makeTopics({ name, partitions, bindings }: Group): Promise<void> {
    if (!Number.isInteger(partitions) || partitions < 1) {
      throw new TypeError(`group ${name} needs at least one partition`);
    }
    const known = this.topology.find(name);
    if (known && known.partitions !== partitions) throw differs(name, known.partitions, partitions);
    const channels = [...new Set(bindings.map(({ channel }) => channel))];
    const topics = channels.map((channel) => this.names.topic(channel));
    const found = await this.topics.ensure(topics, partitions);
    for (const [at, topic] of topics.entries()) {
      if (found[at] !== partitions) {
        throw new TypeError(
          `group ${name} has ${partitions} partitions, but topic ${topic} has ${found[at]} partitions, and that number never changes`,
        );
      }
    }
  }

  /** The ends of the channels that a group has subscribed to so far. */
  async #until(channels: readonly string[]): Promise<ReadonlyMap<string, readonly number[]>> {
    const ends = await Promise.all(
      channels.map((channel) => this.admin.ends(this.names.topic(channel))),
    );
    return new Map(channels.map((channel, at) => [channel, ends[at] ?? []]));
  }
}

const differs = (group: string, known: number, requested: number): TypeError =>
  new TypeError(
    `group ${group} has ${known} partitions, and that number never changes: ${requested}`,
  );
