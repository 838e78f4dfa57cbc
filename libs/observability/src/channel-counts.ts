import type { ConsumerObserver, Finished, OutboxRow } from '@waybill/messaging';
import type { Metrics } from './metrics.ts';
import type { SparseWarnings } from './sparse-warnings.ts';

const secondsBuckets = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 60];
const sizeBuckets = [1, 2, 5, 10, 20, 50, 100, 200];
const ratesOver = 60;

const outcomes = ['applied', 'duplicate', 'parked', 'dead', 'discarded'] as const;

/** Message counts of one (channel, group) by outcome, since the service started. */
export type Counts = Record<(typeof outcomes)[number], number>;

const noCounts = (): Counts => ({ applied: 0, duplicate: 0, parked: 0, dead: 0, discarded: 0 });

/** What one group has received on one channel. */
interface SubscribedType {
  readonly counts: Counts;
  readonly byType: Map<string, Counts>;
  /** Finished and failed messages of the last minute, one slot per second. */
  readonly recent: Float64Array;
  readonly seconds: { observe(seconds: number): void };
}

/** Counts the consumer's outcomes, for metrics and for the list of channels. */
export class ChannelCounts implements ConsumerObserver {
  /** By channel and group. */
  private readonly received = new Map<string, Map<string, SubscribedType>>();
  private readonly seconds;
  private readonly sizes;
  private readonly commitSeconds;
  private readonly troubles;
  private readonly produced;

  constructor(
    metrics: Metrics,
    private readonly warnings: SparseWarnings,
    private readonly nowSeconds: () => number = () => Math.floor(Date.now() / 1_000),
  ) {
    const finishedTotal = metrics.counter({
      name: 'waybill_messages_total',
      help: 'Messages that a group has finished, by outcome: applied, duplicate, parked, dead or discarded',
      labelNames: ['channel', 'group', 'type', 'outcome'] as const,
      // Set when metrics are collected, because the counter would look up its labels with each message.
      collect: () => {
        finishedTotal.reset();
        for (const [labels, count] of this.finishedByType()) finishedTotal.inc(labels, count);
      },
    });
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
    this.produced = metrics.counter({
      name: 'waybill_messages_produced_total',
      help: 'Messages committed to the outbox and handed to the relay',
      labelNames: ['channel', 'broker'] as const,
    });
  }

  finished(event: Finished): void {
    const { type, outcome } = event;
    const received = this.observe(event.channel, event.group);
    received.counts[outcome] += 1;
    let ofType = received.byType.get(type);
    if (!ofType) {
      ofType = noCounts();
      received.byType.set(type, ofType);
    }
    ofType[outcome] += 1;
    received.seconds.observe(event.durationMs / 1_000);
    this.mark(received.recent, outcome);
  }

  /** All rows of a channel have the same broker. */
  sent(rows: readonly Pick<OutboxRow, 'channel' | 'broker'>[]): void {
    const counts = new Map<string, { readonly broker: string; messages: number }>();
    for (const { channel, broker } of rows) {
      const known = counts.get(channel);
      if (known) known.messages += 1;
      else counts.set(channel, { broker, messages: 1 });
    }
    for (const [channel, { broker, messages }] of counts)
      this.produced.inc({ channel, broker }, messages);
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
    return this.received.get(channel)?.get(group)?.counts ?? noCounts();
  }

  /** Finished messages per second and the share of them that failed, over the last minute. */
  ratesOf(channel: string, group: string): { perSecond: number; errorRate: number } {
    const slots = this.received.get(channel)?.get(group)?.recent;
    const now = this.nowSeconds();
    let [all, failed] = [0, 0];
    for (let i = 0; slots && i < slots.length; i += 3) {
      if ((slots[i] ?? 0) <= now - ratesOver) continue;
      all += slots[i + 1] ?? 0;
      failed += slots[i + 2] ?? 0;
    }
    return { perSecond: all / ratesOver, errorRate: all === 0 ? 0 : failed / all };
  }

  private mark(slots: Float64Array, outcome: keyof Counts): void {
    const now = this.nowSeconds();
    const at = (now % ratesOver) * 3;
    if (slots[at] !== now) slots.set([now, 0, 0], at);
    slots[at + 1] = (slots[at + 1] ?? 0) + 1;
    if (outcome === 'parked' || outcome === 'dead') slots[at + 2] = (slots[at + 2] ?? 0) + 1;
  }

  /** This runs for every message, so it does not build a string key. */
  private observe(channel: string, group: string): SubscribedType {
    let ofChannel = this.received.get(channel);
    if (!ofChannel) {
      ofChannel = new Map();
      this.received.set(channel, ofChannel);
    }
    let received = ofChannel.get(group);
    if (!received) {
      const seconds = this.seconds.labels(channel, group);
      const recent = new Float64Array(ratesOver * 3);
      received = { counts: noCounts(), byType: new Map(), recent, seconds };
      ofChannel.set(group, received);
    }
    return received;
  }

  private *finishedByType() {
    for (const [channel, groups] of this.received) {
      for (const [group, { byType }] of groups) {
        for (const [type, counts] of byType) {
          for (const [outcome, count] of happened(counts)) {
            yield [{ channel, group, type, outcome }, count] as const;
          }
        }
      }
    }
  }
}

const happened = (counts: Counts) =>
  outcomes.map((outcome) => [outcome, counts[outcome]] as const).filter(([, count]) => count > 0);
