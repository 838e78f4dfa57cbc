import { randomUUID } from 'node:crypto';
import {
  type BrokerOperations,
  GroupInUse,
  type SeekTarget,
  type WaitingMessage,
  within,
} from '@waybill/messaging';
import type { KafkaClient, Position, StoredRecord } from './client/kafka-client.ts';
import type { Names } from './names.ts';
import { routingOf } from './record.ts';
import type { Replay } from './replay.ts';
import type { DeclaredGroup, Topology } from './topology.ts';

export interface OperationsParts {
  readonly client: KafkaClient;
  readonly names: Names;
  readonly topology: Topology;
  readonly replay: Replay;
  /** Prefix of the names of groups that exist only while they read. */
  readonly groupId: string;
}

/** What waits for a group in one partition: the records from `from` up to `end`. */
interface Span {
  readonly partition: number;
  readonly from: number;
  readonly end: number;
}

/** Milliseconds: joining a group takes seconds. */
const patience = 10_000;

/** What operators may do with the records of a topic. They stay there: a group only moves. */
export class KafkaOperations implements BrokerOperations {
  constructor(private readonly parts: OperationsParts) {}

  async browse(name: string, channel: string, limit: number): Promise<readonly WaitingMessage[]> {
    const group = this.parts.topology.named(name);
    const spans = await this.waiting(group, channel);
    const found = await this.read(this.parts.names.topic(channel), spans, limit);
    return found
      .filter(({ partition, record }) => isFor(group, channel, partition, record))
      .slice(0, limit)
      .map(({ partition, record }) => {
        const { offset, value: body } = record;
        return { channel, group: name, partition, offset, body, inFlight: false };
      });
  }

  /** Moves the group to the end of the channel, so it skips what waits. */
  async purge(name: string, channel: string): Promise<number> {
    const group = this.parts.topology.named(name);
    await this.refuseIfInUse(name);
    const spans = await this.waiting(group, channel);
    await this.parts.replay.seek(group, 'latest', [channel]);
    return spans.reduce((sum, { from, end }) => sum + end - from, 0);
  }

  async seek(name: string, to: SeekTarget, channels?: readonly string[]): Promise<void> {
    const group = this.parts.topology.named(name);
    await this.refuseIfInUse(name);
    await this.parts.replay.seek(group, to, channels);
  }

  private async refuseIfInUse(name: string): Promise<void> {
    const { client, names } = this.parts;
    const id = names.group(name);
    if ((await client.admin.members([id])).get(id))
      throw new GroupInUse('kafka', name, 'only a group without members can be moved');
  }

  /** By committed offsets; a new group begins with the first record. */
  private async waiting(group: DeclaredGroup, channel: string): Promise<readonly Span[]> {
    const { client, names } = this.parts;
    const topic = names.topic(channel);
    const [starts, ends, committed] = await Promise.all([
      client.admin.starts(topic),
      client.admin.ends(topic),
      client.admin.committed(names.group(group.name), [topic]),
    ]);
    return ends.map((end, partition) => {
      const start = starts[partition] ?? 0;
      const next = committed.get(topic)?.[partition] ?? start;
      return { partition, from: Math.min(Math.max(start, next), end), end };
    });
  }

  /** At most `limit` records of each partition, or those that came in time. Reading needs a group, which commits nothing. */
  private async read(topic: string, spans: readonly Span[], limit: number) {
    const found: { readonly partition: number; readonly record: StoredRecord }[] = [];
    const open = new Map(
      spans
        .filter(({ from, end }) => from < end)
        .map(({ partition, from, end }) => [partition, Math.min(end, from + limit)]),
    );
    if (open.size === 0) return found;
    let done = (): void => undefined;
    const complete = new Promise<void>((resolve) => {
      done = resolve;
    });
    const positions = spans.map(({ partition, from, end }): Position => {
      return { topic, partition, offset: open.has(partition) ? from : end };
    });
    const reader = this.parts.client.reader(
      {
        group: `${this.parts.groupId}.browse.${randomUUID()}`,
        topics: new Map([[topic, spans.length]]),
        instance: null,
      },
      {
        joined: () => positions,
        rebalancing: () => undefined,
        failed: () => done(),
        records: (_, partition, records) => {
          const until = open.get(partition) ?? 0;
          const wanted = records.filter(({ offset }) => offset < until);
          found.push(...wanted.map((record) => ({ partition, record })));
          // The last offsets of a partition may have no record, so a later one ends it too.
          if (records.some(({ offset }) => offset >= until - 1)) open.delete(partition);
          if (open.size === 0) done();
        },
      },
    );
    try {
      await reader.open();
      await within(patience, complete);
    } finally {
      await reader.close();
    }
    return found.sort((a, b) => a.partition - b.partition || a.record.offset - b.record.offset);
  }
}

const isFor = (
  group: DeclaredGroup,
  channel: string,
  partition: number,
  record: StoredRecord,
): boolean => group.wasReceived(channel, routingOf(record), partition, record.offset);
