import type { KafkaAdmin, KafkaClient, Position, RecordReader } from './client/kafka-client.ts';
import type { Names } from './names.ts';
import type { DeclaredGroup } from './topology.ts';

/** Where a group restarts: at a time, at an offset of every partition, or at an end. */
export type ReplayFrom = Date | number | 'earliest' | 'latest';

/** A consumer of the group is alive and would continue at its own offset. */
export class GroupHasMembers extends Error {
  readonly code = 'group_has_members';
  readonly retriable = false;
  constructor(group: string) {
    super(`group ${group} has a live consumer: stop it before its offsets are set`);
    this.name = 'GroupHasMembers';
  }
}

/** Sets the offsets of groups. */
export class Replay {
  readonly #admin: KafkaAdmin;

  constructor(
    private readonly client: KafkaClient,
    private readonly names: Names,
  ) {
    this.#admin = client.admin;
  }

  async seek(group: DeclaredGroup, from: ReplayFrom): Promise<void> {
    const id = this.names.group(group.name);
    if (await this.#admin.hasMembers(id)) throw new GroupHasMembers(group.name);
    const topics = group.channels().map((channel) => this.names.topic(channel));
    const positions = await Promise.all(
      topics.map(async (topic) => {
        const offsets = await this.#offsets(topic, from);
        return offsets.map((offset, partition) => ({ topic, partition, offset }));
      }),
    );
    const counts = new Map(topics.map((topic) => [topic, group.partitions]));
    await this.#commit(id, counts, positions.flat());
  }

  /** Only a member may commit, so this joins the group for a moment. */
  async #commit(
    group: string,
    topics: ReadonlyMap<string, number>,
    positions: readonly Position[],
  ): Promise<void> {
    const member: RecordReader = this.client.reader(
      { group, topics, instance: null },
      {
        joined: () => positions,
        rebalancing: () => undefined,
        records: () => undefined,
        failed: () => undefined,
      },
    );
    try {
      await member.open();
      await member.commit(positions);
    } finally {
      await member.close();
    }
  }

  /** Offsets within the range of the topic. */
  async #offsets(topic: string, from: ReplayFrom): Promise<readonly number[]> {
    const [starts, ends] = await Promise.all([this.#admin.starts(topic), this.#admin.ends(topic)]);
    if (from === 'earliest') return starts;
    if (from === 'latest') return ends;
    if (from instanceof Date) return this.#admin.offsetsAt(topic, from.getTime());
    return starts.map((start, partition) => Math.min(Math.max(start, from), ends[partition] ?? 0));
  }
}
