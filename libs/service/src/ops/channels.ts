import { kindOfChannel } from '@waybill/contracts';
import { type Brokers, type Group, subscribesToOneOf } from '@waybill/messaging';
import type { ChannelCounts, Counts } from '@waybill/observability';
import type { Pause } from '../channels/paused-channels.ts';

/** What waits for a group in one partition of a channel; null where the broker does not report it. */
export interface PartitionReport {
  readonly partition: number;
  readonly depth: number | null;
  /** The offset that the group consumes next. */
  readonly offset: number | null;
  /** The offset after the last message. */
  readonly end: number | null;
}

/** One subscription: a group of a service on one channel. */
export interface ChannelReport extends Counts {
  readonly service: string;
  readonly channel: string;
  readonly group: string;
  readonly broker: string;
  /** The kind of the channel's messages. */
  readonly kind: string;
  /** Messages that wait at the broker, of all channels of the group where it has one queue; null if the broker does not report it. */
  readonly depth: number | null;
  readonly inFlight: number | null;
  /** Processes that consume the group now. */
  readonly consumers: number | null;
  /** How long the oldest of them has waited. */
  readonly lagMs: number | null;
  /** Finished messages per second, over the last minute. */
  readonly rate: number;
  /** The share of them that failed, from 0 to 1. */
  readonly errorRate: number;
  /** The group consumes nothing, because this channel or another one of its is paused. */
  readonly paused: boolean;
  /** Who has paused this channel, and when. */
  readonly pausedBy: string | null;
  readonly pausedAt: string | null;
  readonly partitions: readonly PartitionReport[];
}

/** Every subscription of a service, with the broker's report and the consumer's counts. */
export async function channelsOf(
  service: string,
  groups: readonly Group[],
  brokers: Brokers,
  counts: ChannelCounts,
  paused: ReadonlyMap<string, Pause> = new Map(),
): Promise<readonly ChannelReport[]> {
  // A user of this service may not look at the groups of others.
  const own = new Set(groups.map(({ name }) => name));
  const told = await Promise.all(brokers.all().map((broker) => broker.stats(own).catch(() => [])));
  const stats = told.flat();
  const pausedNames = new Set(paused.keys());
  return groups.flatMap((group) => {
    const channels = [...new Set(group.bindings.map((binding) => binding.channel))];
    return channels.map((channel): ChannelReport => {
      const found = stats.find(
        (each) => each.group === group.name && each.channels.includes(channel),
      );
      const { perSecond, errorRate } = counts.ratesOf(channel, group.name);
      return {
        service,
        channel,
        group: group.name,
        broker: brokers.brokerFor(group.kind).name,
        // A group may subscribe to several kinds, such as commands and replies.
        kind: kindOfChannel(channel) ?? group.kind,
        depth: found?.depth ?? null,
        inFlight: found?.inFlight ?? null,
        consumers: found?.consumers ?? null,
        lagMs: found?.oldestMs ?? null,
        rate: perSecond,
        errorRate,
        paused: subscribesToOneOf(group, pausedNames),
        pausedBy: paused.get(channel)?.by ?? null,
        pausedAt: paused.get(channel)?.at.toISOString() ?? null,
        partitions: found?.partitions ?? partitionsOf(group),
        ...counts.countsOf(channel, group.name),
      };
    });
  });
}

const partitionsOf = ({ partitions }: Group): readonly PartitionReport[] =>
  Array.from({ length: partitions }, (_, partition) => ({
    partition,
    depth: null,
    offset: null,
    end: null,
  }));
