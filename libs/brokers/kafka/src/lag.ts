import type { ChannelStats, Clock } from '@waybill/messaging';
import type { KafkaAdmin } from './client/kafka-client.ts';
import type { GroupCounts } from './group-counts.ts';
import type { Names } from './names.ts';
import type { PartitionWindow } from './partition-window.ts';
import type { DeclaredGroup } from './topology.ts';

/** A group, and what this process has read of it. */
export interface LagOf {
  readonly group: DeclaredGroup;
  readonly counts: GroupCounts;
  readonly windows: readonly PartitionWindow[];
}

/** When a partition was seen to end at this offset. */
interface Sample {
  readonly end: number;
  readonly at: number;
}

const mostSamples = 256;

/**
 * How many records wait for each group, and their age. It is exact for partitions that this process reads. For the
 * others it uses the committed offset, and measures the age from the first time an end beyond it was seen.
 */
export class Lag {
  readonly #samples = new Map<string, Sample[]>();

  constructor(
    private readonly admin: KafkaAdmin,
    private readonly names: Names,
    private readonly clock: Clock,
  ) {}

  async stats(groups: readonly LagOf[]): Promise<readonly ChannelStats[]> {
    const channels = [...new Set(groups.flatMap(({ group }) => group.channels()))];
    const ends = new Map<string, readonly number[]>();
    const now = this.clock.now().getTime();
    await Promise.all(
      channels.map(async (channel) => {
        const found = await this.admin.ends(this.names.topic(channel));
        ends.set(channel, found);
        for (const [partition, end] of found.entries()) this.#sample(channel, partition, end, now);
      }),
    );
    const ids = groups.map(({ group }) => this.names.group(group.name));
    const members = ids.length > 0 ? await this.admin.members(ids) : new Map<string, number>();
    const told = await Promise.all(groups.map((each) => this.#ofGroup(each, ends, now)));
    return told.flat().map((each) => {
      const consumers = members.get(this.names.group(each.group));
      return consumers === undefined ? each : { ...each, consumers };
    });
  }

  async #ofGroup(
    { group, counts, windows }: LagOf,
    ends: ReadonlyMap<string, readonly number[]>,
    now: number,
  ): Promise<readonly ChannelStats[]> {
    const channels = group.channels();
    const foreign = channels.some(
      (channel) => windowsOf(windows, channel).length < group.partitions,
    );
    const topics = channels.map((channel) => this.names.topic(channel));
    const committed = foreign
      ? await this.admin.committed(this.names.group(group.name), topics)
      : new Map<string, readonly (number | null)[]>();
    return channels.map((channel) => {
      const offsets = committed.get(this.names.topic(channel)) ?? [];
      const ofChannel = ends.get(channel) ?? [];
      const parts = ofChannel.map((end, partition) => {
        const window = windowsOf(windows, channel).find((each) => each.partition === partition);
        return window?.next !== undefined && window.next !== null
          ? ofWindow(window, end, now)
          : this.#ofOther(channel, partition, end, offsets[partition] ?? null, now);
      });
      return {
        channels: [channel],
        group: group.name,
        depth: sum(parts.map(({ depth }) => depth)),
        inFlight: sum(windowsOf(windows, channel).map(({ inHand }) => inHand)),
        oldestMs: Math.max(0, ...parts.map(({ oldestMs }) => oldestMs)),
        published: sum(ofChannel),
        partitions: parts.map(({ depth }, partition) => {
          const end = ofChannel[partition] ?? 0;
          return { partition, depth, offset: Math.max(0, end - depth), end };
        }),
        ...counts.of(channel),
      };
    });
  }

  #ofOther(channel: string, partition: number, end: number, committed: number | null, now: number) {
    const from = committed ?? 0;
    const sample = this.#samples.get(`${channel}/${partition}`)?.find((each) => each.end > from);
    return {
      depth: Math.max(0, end - from),
      oldestMs: end > from && sample ? Math.max(0, now - sample.at) : 0,
    };
  }

  #sample(channel: string, partition: number, end: number, at: number): void {
    const name = `${channel}/${partition}`;
    const samples = this.#samples.get(name) ?? [];
    this.#samples.set(name, samples);
    if (samples.at(-1)?.end !== end) samples.push({ end, at });
    if (samples.length > mostSamples) samples.splice(0, samples.length / 2);
  }
}

const sum = (numbers: readonly number[]): number => numbers.reduce((all, each) => all + each, 0);
const windowsOf = (windows: readonly PartitionWindow[], channel: string) =>
  windows.filter((each) => each.channel === channel);

function ofWindow(window: PartitionWindow, end: number, now: number) {
  const oldestAt = window.oldestAt();
  return {
    depth: window.waiting + Math.max(0, end - (window.next ?? end)),
    oldestMs: oldestAt === null ? 0 : Math.max(0, now - oldestAt),
  };
}
