import { kindOfChannel } from '@waybill/contracts';
import type { Brokers, Group } from '@waybill/messaging';
import type { ChannelCounts, DurationSums, Traffic } from '@waybill/observability';
import type { Depths } from './depths.ts';

/** What one process has published to a channel since it started. */
export interface ProducedReport {
  readonly channel: string;
  readonly kind: string;
  readonly broker: string;
  readonly produced: number;
  readonly bytes: number;
  readonly perSecond: number;
  readonly lastAt: number | null;
}

/** What one process has done with the messages of one subscription since it started. */
export interface ConsumedReport extends Traffic {
  readonly channel: string;
  readonly group: string;
  readonly kind: string;
  readonly broker: string;
  readonly dead: number;
  /** Finished messages per second, over the last minute, and the share of them that failed. */
  readonly perSecond: number;
  readonly errorRate: number;
  readonly durations: Pick<DurationSums, 'count' | 'sumSeconds' | 'buckets'>;
  /** Of the group's queue, which may get several channels; null if the broker does not report it. */
  readonly depth: number | null;
  readonly lagMs: number | null;
  /** Whether other channels of the group share the depth. */
  readonly sharesDepth: boolean;
}

/** The counts of one process of a service. */
export interface ServiceMetrics {
  readonly service: string;
  readonly startedAt: string;
  readonly produced: readonly ProducedReport[];
  readonly consumed: readonly ConsumedReport[];
}

/** What the counts of a service are read from. */
export interface MetricsParts {
  readonly service: string;
  readonly startedAt: Date;
  readonly groups: readonly Group[];
  readonly brokers: Brokers;
  readonly counts: ChannelCounts;
  readonly depths: Pick<Depths, 'read'>;
}

/** The counts of this process. */
export async function metricsOf(parts: MetricsParts): Promise<ServiceMetrics> {
  const { service, startedAt, counts } = parts;
  return {
    service,
    startedAt: startedAt.toISOString(),
    produced: counts.productions().map(({ recent, ...production }) => ({
      ...production,
      kind: kindOfChannel(production.channel) ?? 'event',
      perSecond: recent.read().perSecond,
    })),
    consumed: await consumedBy(parts),
  };
}

async function consumedBy(parts: MetricsParts): Promise<readonly ConsumedReport[]> {
  const { groups, brokers, counts, depths } = parts;
  const [waiting, durationsOf] = await Promise.all([depths.read(), counts.durations()]);
  return groups.flatMap((group) => {
    const channels = [...new Set(group.bindings.map(({ channel }) => channel))];
    return channels.map((channel): ConsumedReport => {
      const found = waiting.find(
        (each) => each.group === group.name && each.channels.includes(channel),
      );
      return {
        channel,
        group: group.name,
        kind: kindOfChannel(channel) ?? group.kind,
        broker: brokers.brokerFor(group.kind).name,
        ...counts.trafficOf(channel, group.name),
        dead: counts.countsOf(channel, group.name).dead,
        ...counts.ratesOf(channel, group.name),
        durations: durationsOf(channel, group.name),
        depth: found?.depth ?? null,
        lagMs: found?.lagMs ?? null,
        sharesDepth: (found?.channels.length ?? 0) > 1,
      };
    });
  });
}
