import type { ConsumerObserver, Finished } from '@waybill/messaging';
import type { Metrics } from './metrics.ts';
import type { SparseWarnings } from './sparse-warnings.ts';

const secondsBuckets = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 60];
const sizeBuckets = [1, 2, 5, 10, 20, 50, 100, 200];
const ratesOver = 60;

/** What became of the messages of one (channel, group) since the service started. */
export interface Counts {
  applied: number;
  duplicate: number;
  parked: number;
  dead: number;
  discarded: number;
}

/** Counts what the consumer tells, for metrics and for the list of channels. */
export class ChannelCounts implements ConsumerObserver {
  private readonly counts = new Map<string, Counts>();
  /** Finished and failed messages of the last minute, a slot a second. */
  private readonly recent = new Map<string, Float64Array>();
  private readonly children = new Map<string, { inc(): void; observe(seconds: number): void }>();
  private readonly finishedTotal;
  private readonly seconds;
  private readonly sizes;
  private readonly commitSeconds;
  private readonly troubles;

  constructor(
    metrics: Metrics,
    private readonly warnings: SparseWarnings,
    private readonly nowSeconds: () => number = () => Math.floor(Date.now() / 1_000),
  ) {
    this.finishedTotal = metrics.counter({
      name: 'waybill_messages_total',
      help: 'Messages that a group has finished, by outcome: applied, duplicate, parked, dead or discarded',
      labelNames: ['channel', 'group', 'type', 'outcome'] as const,
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
  }

  finished(event: Finished): void {
    const child = this.childOf(event);
    child.inc();
    child.observe(event.durationMs / 1_000);
    this.countsOf(event.channel, event.group)[event.outcome] += 1;
    this.mark(event);
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

  countsOf(channel: string, group: string): Counts {
    const name = `${channel} ${group}`;
    let counts = this.counts.get(name);
    if (!counts) {
      counts = { applied: 0, duplicate: 0, parked: 0, dead: 0, discarded: 0 };
      this.counts.set(name, counts);
    }
    return counts;
  }

  /** Finished messages a second, and the part of them that failed, over the last minute. */
  ratesOf(channel: string, group: string): { perSecond: number; errorRate: number } {
    const slots = this.recent.get(`${channel} ${group}`);
    const now = this.nowSeconds();
    let [all, failed] = [0, 0];
    for (let i = 0; slots && i < slots.length; i += 3) {
      if ((slots[i] ?? 0) <= now - ratesOver) continue;
      all += slots[i + 1] ?? 0;
      failed += slots[i + 2] ?? 0;
    }
    return { perSecond: all / ratesOver, errorRate: all === 0 ? 0 : failed / all };
  }

  private mark({ channel, group, outcome }: Finished): void {
    const name = `${channel} ${group}`;
    let slots = this.recent.get(name);
    if (!slots) {
      slots = new Float64Array(ratesOver * 3);
      this.recent.set(name, slots);
    }
    const now = this.nowSeconds();
    const at = (now % ratesOver) * 3;
    if (slots[at] !== now) slots.set([now, 0, 0], at);
    slots[at + 1] = (slots[at + 1] ?? 0) + 1;
    if (outcome === 'parked' || outcome === 'dead') slots[at + 2] = (slots[at + 2] ?? 0) + 1;
  }

  /** Labels are resolved once: this runs for every message. */
  private childOf({ channel, group, type, outcome }: Finished) {
    const name = `${channel} ${group} ${type} ${outcome}`;
    let child = this.children.get(name);
    if (!child) {
      const total = this.finishedTotal.labels(channel, group, type, outcome);
      const seconds = this.seconds.labels(channel, group);
      child = { inc: () => total.inc(), observe: (value) => seconds.observe(value) };
      this.children.set(name, child);
    }
    return child;
  }
}
