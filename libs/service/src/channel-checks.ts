import {
  type ChannelCounts,
  DurationSums,
  type HealthCheck,
  type Reading,
} from '@waybill/observability';
import type { Depths } from './ops/depths.ts';

/** The values at which the channels of a service are unhealthy, or for slow messages degraded. */
export interface ChannelLimits {
  readonly depth: number;
  readonly lagMs: number;
  readonly errorPercent: number;
  readonly slowMs: number;
}

export interface CheckedChannels {
  readonly counts: ChannelCounts;
  readonly depths: Pick<Depths, 'read'>;
  readonly limits: ChannelLimits;
}

/** Fewer messages in the last minute give no rate that means anything. */
const fewest = 20;

/** The checks of what a service receives. All are sampled: queues are full and calls are slow for moments. */
export const channelChecks = ({
  counts,
  depths,
  limits,
}: CheckedChannels): readonly HealthCheck[] => [
  {
    name: 'depth',
    unit: 'messages',
    limit: limits.depth,
    sampled: true,
    read: async () =>
      worstOf((await depths.read()).map(({ group, depth }) => ({ value: depth, about: group }))),
  },
  {
    name: 'lag',
    unit: 'ms',
    limit: limits.lagMs,
    sampled: true,
    read: async () =>
      worstOf((await depths.read()).map(({ group, lagMs }) => ({ value: lagMs, about: group }))),
  },
  {
    name: 'error-rate',
    unit: '% of the messages of the last minute',
    limit: limits.errorPercent,
    sampled: true,
    read: () =>
      worstOf(
        counts.subscriptions().flatMap(({ channel, group }) => {
          const { perSecond, errorRate } = counts.ratesOf(channel, group);
          return perSecond * 60 < fewest ? [] : [{ value: errorRate * 100, about: group }];
        }),
      ),
  },
  slowMessages(counts, limits.slowMs),
];

/** The 95th percentile of what was processed since the last sample. */
function slowMessages(counts: ChannelCounts, limit: number): HealthCheck {
  const before = new Map<string, DurationSums>();
  return {
    name: 'processing-time',
    unit: 'ms for 95 % of the messages since the last sample',
    limit,
    degradesOnly: true,
    sampled: true,
    read: async () => {
      const durationsOf = await counts.durations();
      const readings = counts.subscriptions().map(({ channel, group }) => {
        const now = durationsOf(channel, group);
        const name = `${channel} ${group}`;
        const recent = now.since(before.get(name) ?? DurationSums.none);
        before.set(name, now);
        const value = recent.count < fewest ? 0 : (recent.percentile(0.95) ?? 0);
        return { value, about: group };
      });
      return worstOf(readings);
    },
  };
}

function worstOf(readings: readonly Reading[]): Reading {
  const worst = readings.reduce<Reading>((a, b) => (b.value > a.value ? b : a), {
    value: 0,
    about: null,
  });
  return { ...worst, value: Math.round(worst.value * 10) / 10 };
}
