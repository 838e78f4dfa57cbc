import type { ConsumerObserver, Finished, Sent } from '@waybill/messaging';
import { DurationSums } from './duration-sums.ts';
import type { Metrics } from './metrics.ts';
import { Recent } from './recent.ts';
import type { SparseWarnings } from './sparse-warnings.ts';

const secondsBuckets = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 60];
const sizeBuckets = [1, 2, 5, 10, 20, 50, 100, 200];

const outcomes = ['applied', 'duplicate', 'deferred', 'dead', 'discarded'] as const;

/** Deferred messages are stored as `parked`. */
const countedAs = (outcome: Finished['outcome']): keyof Counts =>
  outcome === 'parked' ? 'deferred' : outcome;

/** Message counts of one (channel, group) by outcome, since the service started. */
export type Counts = Record<(typeof outcomes)[number], number>;

/** What one group has done with the deliveries of one channel, since the service started. */
export interface Traffic {
  /** Deliveries from the broker; those that were settled since are `acked` or `nacked`, the others in flight. */
  consumed: number;
  acked: number;
  nacked: number;
  /** Tries that failed, without malformed messages. */
  failed: number;
  /** Unreadable, or with data that break the schema. */
  malformed: number;
  /** Tries of a message that had failed before. */
  retried: number;
  /** Events that came too late to have an effect. */
  late: number;
  bytes: number;
  /** Milliseconds since the epoch; null before the first message. */
  lastAt: number | null;
}

/** What a service has published to one channel since it started. */
export interface Production {
  readonly channel: string;
  readonly broker: string;
  produced: number;
  bytes: number;
  lastAt: number | null;
  readonly recent: Recent;
}

const noCounts = (): Counts => ({ applied: 0, duplicate: 0, deferred: 0, dead: 0, discarded: 0 });
const noTraffic = (): Traffic => ({
  consumed: 0,
  acked: 0,
  nacked: 0,
  failed: 0,
  malformed: 0,
  retried: 0,
  late: 0,
  bytes: 0,
  lastAt: null,
});

/** What one group has received on one channel. */
interface Subscription {
  readonly channel: string;
  readonly group: string;
  readonly counts: Counts;
  readonly byType: Map<string, Counts>;
  readonly traffic: Traffic;
  readonly recent: Recent;
  readonly seconds: { observe(seconds: number): void };
}

/** Counts the consumer's outcomes and the messages that are published, for metrics and for the list of channels. */
export class ChannelCounts implements ConsumerObserver {
  /** By channel and group. */
  private readonly byChannel = new Map<string, Map<string, Subscription>>();
  private readonly byPublished = new Map<string, Production>();
  private readonly seconds;
  private readonly sizes;
  private readonly commitSeconds;
  private readonly troubles;

  constructor(
    metrics: Metrics,
    private readonly warnings: SparseWarnings,
    private readonly now: () => number = Date.now,
  ) {
    this.seconds = metrics.histogram({
      name: 'waybill_message_seconds',
      help: 'Time from the arrival of a message to its commit',
      labelNames: ['channel', 'group'] as const,
      buckets: secondsBuckets,
    });
    this.sizes = metrics.histogram({
      name: 'waybill_batch_messages',
      help: 'Messages in one commit',
      buckets: sizeBuckets,
    });
    this.commitSeconds = metrics.histogram({
      name: 'waybill_batch_seconds',
      help: 'Time of one batch, from its first decision to its commit',
      buckets: secondsBuckets,
    });
    this.troubles = metrics.counter({
      name: 'waybill_troubles_total',
      help: 'Failed attempts, dead letters and lost connections that the consumer has met',
      labelNames: ['group'] as const,
    });
  }

  finished(event: Finished): void {
    const { type, outcome, failure } = event;
    const { counts, byType, traffic, recent, seconds } = this.of(event.channel, event.group);
    counts[countedAs(outcome)] += 1;
    let ofType = byType.get(type);
    if (!ofType) {
      ofType = noCounts();
      byType.set(type, ofType);
    }
    ofType[countedAs(outcome)] += 1;
    if (event.retried) traffic.retried += 1;
    if (event.late) traffic.late += 1;
    if (failure !== null) traffic[failure] += 1;
    seconds.observe(event.durationMs / 1_000);
    recent.add(failure === null);
  }

  received(group: string, channel: string, bytes: number): void {
    const { traffic } = this.of(channel, group);
    traffic.consumed += 1;
    traffic.bytes += bytes;
    traffic.lastAt = this.now();
  }

  settled(group: string, channel: string, how: 'acked' | 'nacked'): void {
    this.of(channel, group).traffic[how] += 1;
  }

  /** All rows of a channel have the same broker. */
  sent(rows: readonly Sent[]): void {
    for (const { channel, broker, bytes } of rows) {
      let production = this.byPublished.get(channel);
      if (!production) {
        const recent = new Recent(this.nowSeconds);
        production = { channel, broker, produced: 0, bytes: 0, lastAt: null, recent };
        this.byPublished.set(channel, production);
      }
      production.produced += 1;
      production.bytes += bytes;
      production.lastAt = this.now();
      production.recent.add(true);
    }
  }

  batch(event: { readonly size: number; readonly durationMs: number }): void {
    this.sizes.observe(event.size);
    this.commitSeconds.observe(event.durationMs / 1_000);
  }

  trouble(event: Parameters<ConsumerObserver['trouble']>[0]): void {
    this.troubles.inc({ group: event.group ?? 'none' });
    const { what, ...rest } = event;
    this.warnings.warn(`${what} ${rest.group ?? ''} ${rest.messageId ?? ''}`, rest, what);
  }

  countsOf(channel: string, group: string): Readonly<Counts> {
    return this.byChannel.get(channel)?.get(group)?.counts ?? noCounts();
  }

  trafficOf(channel: string, group: string): Readonly<Traffic> {
    return this.byChannel.get(channel)?.get(group)?.traffic ?? noTraffic();
  }

  /** Finished messages per second and the share of them that failed, over the last minute. */
  ratesOf(channel: string, group: string): { perSecond: number; errorRate: number } {
    const recent = this.byChannel.get(channel)?.get(group)?.recent;
    return recent?.read() ?? { perSecond: 0, errorRate: 0 };
  }

  /** How long messages took from their arrival to their commit, by channel and group. */
  async durations(): Promise<(channel: string, group: string) => DurationSums> {
    const { values } = await this.seconds.get();
    return (channel, group) =>
      DurationSums.from(
        values.filter(({ labels }) => labels.channel === channel && labels.group === group),
      );
  }

  /** Every subscription that has received something. */
  subscriptions(): readonly Omit<Subscription, 'seconds' | 'recent'>[] {
    return [...this.byChannel.values()].flatMap((groups) => [...groups.values()]);
  }

  /** Every channel that something was published to. */
  productions(): readonly Production[] {
    return [...this.byPublished.values()];
  }

  private readonly nowSeconds = (): number => Math.floor(this.now() / 1_000);

  /** This runs for every message, so it does not build a string key. */
  private of(channel: string, group: string): Subscription {
    let ofChannel = this.byChannel.get(channel);
    if (!ofChannel) {
      ofChannel = new Map();
      this.byChannel.set(channel, ofChannel);
    }
    let subscription = ofChannel.get(group);
    if (!subscription) {
      subscription = {
        channel,
        group,
        counts: noCounts(),
        byType: new Map(),
        traffic: noTraffic(),
        recent: new Recent(this.nowSeconds),
        seconds: this.seconds.labels(channel, group),
      };
      ofChannel.set(group, subscription);
    }
    return subscription;
  }
}

/** The counts that are not zero, by their name. */
export const happened = (counts: Counts) =>
  outcomes.map((outcome) => [outcome, counts[outcome]] as const).filter(([, count]) => count > 0);
