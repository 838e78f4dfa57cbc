import { kindOfChannel } from '@waybill/contracts';
import type { Brokers, Group } from '@waybill/messaging';
import type { ChannelCounts, Counts } from '@waybill/observability';

/** One subscription: a group of a service on one channel. */
export interface ChannelReport extends Counts {
  readonly service: string;
  readonly channel: string;
  readonly group: string;
  readonly broker: string;
  /** The kind of the channel's messages. */
  readonly kind: string;
  /** Messages that wait at the broker; null if the broker does not report it. */
  readonly depth: number | null;
  readonly inFlight: number | null;
  /** How long the oldest of them has waited. */
  readonly lagMs: number | null;
  /** Finished messages per second, over the last minute. */
  readonly rate: number;
  /** The share of them that failed, from 0 to 1. */
  readonly errorRate: number;
}

/** Every subscription of a service, with the broker's report and the consumer's counts. */
export async function channelsOf(
  service: string,
  groups: readonly Group[],
  brokers: Brokers,
  counts: ChannelCounts,
): Promise<readonly ChannelReport[]> {
  const told = await Promise.all(brokers.all().map((broker) => broker.stats().catch(() => [])));
  const stats = told.flat();
  return groups.flatMap((group) => {
    const channels = [...new Set(group.bindings.map((binding) => binding.channel))];
    return channels.map((channel): ChannelReport => {
      const found = stats.find((each) => each.group === group.name && each.channel === channel);
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
        lagMs: found?.oldestMs ?? null,
        rate: perSecond,
        errorRate,
        ...counts.countsOf(channel, group.name),
      };
    });
  });
}
