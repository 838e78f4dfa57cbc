import type { KafkaAdmin } from './client/kafka-client.ts';
import type { Names } from './names.ts';
import type { DeclaredGroup } from './topology.ts';

/** Where a group is to begin again: a time, an offset for every partition, or one of the ends. */
export type ReplayFrom = Date | number | 'earliest' | 'latest';

/** A consumer of the group is alive: it would go on where it is. */
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
  constructor(
    private readonly admin: KafkaAdmin,
    private readonly names: Names,
  ) {}

  async seek(group: DeclaredGroup, from: ReplayFrom): Promise<void> {
    const id = this.names.group(group.name);
    if (await this.admin.hasMembers(id)) throw new GroupHasMembers(group.name);
    for (const channel of group.channels()) {
      const topic = this.names.topic(channel);
      await this.admin.setOffsets(id, topic, await this.#offsets(topic, from));
    }
  }

  /** Within what the topic holds. */
  async #offsets(topic: string, from: ReplayFrom): Promise<readonly number[]> {
    const [starts, ends] = await Promise.all([this.admin.starts(topic), this.admin.ends(topic)]);
    if (from === 'earliest') return starts;
    if (from === 'latest') return ends;
    if (from instanceof Date) return this.admin.offsetsAt(topic, from.getTime());
    return starts.map((start, partition) => Math.min(Math.max(start, from), ends[partition] ?? 0));
  }
}
