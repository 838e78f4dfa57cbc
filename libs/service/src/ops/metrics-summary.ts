import { DurationSums } from '@waybill/observability';
import type { ConsumedReport, ProducedReport, ServiceMetrics } from './service-metrics.ts';

/** What happened to messages, in numbers. */
export interface TrafficSummary {
  readonly consumed: number;
  readonly acked: number;
  readonly nacked: number;
  readonly failed: number;
  readonly malformed: number;
  readonly dead: number;
  readonly retried: number;
  /** Events that came too late to have an effect. */
  readonly late: number;
  readonly inFlight: number;
  /** Finished messages per second, over the last minute. */
  readonly perSecond: number;
  /** The share of them that did not fail, from 0 to 1. */
  readonly successRate: number;
}

/** What was published, in numbers. */
export interface ProducedSummary {
  readonly produced: number;
  readonly producedBytes: number;
  readonly producedPerSecond: number;
}

/** One subscription: a group of a service on one channel. */
export interface SubscriptionSummary extends TrafficSummary {
  readonly service: string;
  readonly group: string;
  readonly bytes: number;
  readonly lastMessageAt: string | null;
  readonly averageMs: number | null;
  readonly p50Ms: number | null;
  readonly p95Ms: number | null;
  readonly p99Ms: number | null;
  /** Of the group's queue, which may get several channels. */
  readonly depth: number | null;
  readonly lagMs: number | null;
}

/** One channel, and who reads it. */
export interface ChannelSummary extends ProducedSummary {
  readonly channel: string;
  readonly kind: string;
  readonly broker: string;
  readonly lastProducedAt: string | null;
  readonly subscriptions: readonly SubscriptionSummary[];
}

/** The counts of the whole system since its processes started. */
export interface MetricsSummary {
  readonly at: string;
  readonly services: readonly {
    readonly service: string;
    readonly processes: number;
    /** Of the process that has run longest. */
    readonly startedAt: string;
    readonly uptimeSeconds: number;
  }[];
  readonly totals: TrafficSummary &
    ProducedSummary & {
      readonly consumedBytes: number;
      /** Null while a broker does not report what waits there: nobody knows the sum. */
      readonly depth: number | null;
      readonly oldestMs: number | null;
      readonly channels: number;
      /** Channels with a message in the last minute. */
      readonly activeChannels: number;
    };
  readonly channels: readonly ChannelSummary[];
  /** The services that did not answer in time: their part is not here. */
  readonly missing: readonly string[];
}

interface OfService<T> {
  readonly service: string;
  readonly report: T;
}

/** Adds up the counts of all processes of the system. */
export function summaryOf(
  processes: readonly ServiceMetrics[],
  missing: readonly string[],
  now: Date,
): MetricsSummary {
  const consumed = processes.flatMap(({ service, consumed: all }) =>
    all.map((report) => ({ service, report })),
  );
  const produced = processes.flatMap((each) => each.produced);
  const names = new Set([...consumed.map(({ report }) => report), ...produced].map(channelOf));
  const channels = [...names].sort().map((name) =>
    channelSummary(
      name,
      produced.filter(({ channel }) => channel === name),
      consumed.filter(({ report }) => report.channel === name),
    ),
  );
  return {
    at: now.toISOString(),
    services: [...groupedBy(processes, ({ service }) => service)].map(([service, all]) => {
      const startedAt = all.map((each) => each.startedAt).sort()[0] ?? now.toISOString();
      const uptimeSeconds = Math.max(0, (now.getTime() - Date.parse(startedAt)) / 1_000);
      return { service, processes: all.length, startedAt, uptimeSeconds };
    }),
    totals: {
      ...producedSummary(produced),
      ...trafficSummary(consumed.map(({ report }) => report)),
      consumedBytes: sum(consumed, ({ report }) => report.bytes),
      ...depthsOf(consumed),
      channels: channels.length,
      activeChannels: channels.filter(isActive).length,
    },
    channels,
    missing,
  };
}

const channelOf = ({ channel }: { readonly channel: string }): string => channel;

function channelSummary(
  channel: string,
  produced: readonly ProducedReport[],
  consumed: readonly OfService<ConsumedReport>[],
): ChannelSummary {
  const { kind = '', broker = '' } = produced[0] ?? consumed[0]?.report ?? {};
  const subscriptions = groupedBy(consumed, ({ service, report }) => `${service} ${report.group}`);
  return {
    channel,
    kind,
    broker,
    ...producedSummary(produced),
    lastProducedAt: instantOf(latest(produced)),
    subscriptions: [...subscriptions.values()].map(subscriptionSummary),
  };
}

function subscriptionSummary(all: readonly OfService<ConsumedReport>[]): SubscriptionSummary {
  const reports = all.map(({ report }) => report);
  const durations = reports.reduce((a, b) => a.plus(b.durations), DurationSums.none);
  return {
    service: all[0]?.service ?? '',
    group: reports[0]?.group ?? '',
    ...trafficSummary(reports),
    bytes: sum(reports, ({ bytes }) => bytes),
    lastMessageAt: instantOf(latest(reports)),
    averageMs: rounded(durations.average()),
    p50Ms: rounded(durations.percentile(0.5)),
    p95Ms: rounded(durations.percentile(0.95)),
    p99Ms: rounded(durations.percentile(0.99)),
    depth: greatest(reports.map(({ depth }) => depth)),
    lagMs: greatest(reports.map(({ lagMs }) => lagMs)),
  };
}

function trafficSummary(reports: readonly ConsumedReport[]): TrafficSummary {
  const consumed = sum(reports, (each) => each.consumed);
  const acked = sum(reports, (each) => each.acked);
  const nacked = sum(reports, (each) => each.nacked);
  const perSecond = sum(reports, (each) => each.perSecond);
  const errors = sum(reports, (each) => each.perSecond * each.errorRate);
  return {
    consumed,
    acked,
    nacked,
    failed: sum(reports, (each) => each.failed),
    malformed: sum(reports, (each) => each.malformed),
    dead: sum(reports, (each) => each.dead),
    retried: sum(reports, (each) => each.retried),
    late: sum(reports, (each) => each.late),
    inFlight: Math.max(0, consumed - acked - nacked),
    perSecond,
    successRate: perSecond === 0 ? 1 : 1 - errors / perSecond,
  };
}

const producedSummary = (reports: readonly ProducedReport[]): ProducedSummary => ({
  produced: sum(reports, (each) => each.produced),
  producedBytes: sum(reports, (each) => each.bytes),
  producedPerSecond: sum(reports, (each) => each.perSecond),
});

/** The replicas of a service report the same queues, and a queue may get several channels: each counts once. */
function depthsOf(all: readonly OfService<ConsumedReport>[]) {
  const queues = groupedBy(all, ({ service, report: { group, channel, sharesDepth } }) =>
    [service, group, sharesDepth ? '' : channel].join(' '),
  );
  const reports = [...queues.values()].map((each) => each.map(({ report }) => report));
  const depths = reports.map((each) => greatest(each.map(({ depth }) => depth)));
  const lags = reports.map((each) => greatest(each.map(({ lagMs }) => lagMs)));
  return {
    depth: isWhole(depths) ? sum(depths, (depth) => depth) : null,
    oldestMs: isWhole(lags) ? Math.max(0, ...lags) : null,
  };
}

const isActive = ({ producedPerSecond, subscriptions }: ChannelSummary): boolean =>
  producedPerSecond > 0 || subscriptions.some(({ perSecond }) => perSecond > 0);

const sum = <T>(all: readonly T[], of: (each: T) => number): number =>
  all.reduce((total, each) => total + of(each), 0);

const latest = (all: readonly { readonly lastAt: number | null }[]): number | null =>
  greatest(all.map(({ lastAt }) => lastAt));

const isWhole = (values: readonly (number | null)[]): values is readonly number[] =>
  !values.includes(null);

function greatest(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : Math.max(...known);
}

const instantOf = (at: number | null): string | null =>
  at === null ? null : new Date(at).toISOString();
const rounded = (ms: number | null): number | null =>
  ms === null ? null : Math.round(ms * 100) / 100;

function groupedBy<T>(all: readonly T[], nameOf: (each: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const each of all) {
    const name = nameOf(each);
    groups.set(name, [...(groups.get(name) ?? []), each]);
  }
  return groups;
}
