import type { SeekTarget } from '@waybill/messaging';
import type { KafkaAdmin, KafkaClient, Position, RecordReader } from './client/kafka-client.ts';
import type { Names } from './names.ts';
import type { DeclaredGroup } from './topology.ts';

/** Sets the offsets of groups. */
export class Replay {
  readonly #admin: KafkaAdmin;

  constructor(
    private readonly client: KafkaClient,
    private readonly names: Names,
  ) {
    this.#admin = client.admin;
  }

  /** The group must have no members. */
  async seek(
    group: DeclaredGroup,
    from: SeekTarget,
    channels: readonly string[] = group.channels(),
  ): Promise<void> {
    const id = this.names.group(group.name);
    const topics = channels.map((channel) => this.names.topic(channel));
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
  async #offsets(topic: string, from: SeekTarget): Promise<readonly number[]> {
    const [starts, ends] = await Promise.all([this.#admin.starts(topic), this.#admin.ends(topic)]);
    if (from === 'earliest') return starts;
    if (from === 'latest') return ends;
    if (from instanceof Date) return this.#admin.offsetsAt(topic, from.getTime());
    return starts.map((start, partition) => Math.min(Math.max(start, from), ends[partition] ?? 0));
  }
}
