import { channelOf } from '@waybill/message';
import type { Group } from './broker.ts';
import type { Brokers } from './brokers.ts';
import { type Clock, systemClock } from './clock.ts';
import type { Sink } from './handler.ts';
import { SinkRedrives } from './sink-redrives.ts';
import { SinkRunner, type Sunken } from './sink-runner.ts';
import type { Store } from './store.ts';

/** The batch consumers of a service and what they run on. */
export interface SinkHostOptions {
  readonly brokers: Brokers;
  readonly sinks: readonly Sink[];
  /** Stores a message that cannot be written as a dead letter; the message is acked when this resolves. */
  readonly bury: (sunken: Sunken) => Promise<void>;
  readonly clock?: Clock;
  readonly random?: () => number;
  /** Partitions of their groups; default 4. */
  readonly shards?: number;
  /** Where redriven dead letters wait; absent: they are not processed. */
  readonly store?: Pick<Store, 'due' | 'commit'>;
  /** Called when `store` does not respond; it is tried again. */
  readonly onTrouble?: (error: unknown) => void;
}

/**
 * Runs the batch consumers of a service, each as the consumer of its own group. Delivery is at least
 * once. Order per key is not kept when a message fails: later messages of its key are not blocked.
 */
export class SinkHost {
  private readonly runners: readonly SinkRunner[];
  private readonly redrives: readonly SinkRedrives[];
  private readonly subscribed = new Map<string, () => Promise<void>>();

  constructor(private readonly options: SinkHostOptions) {
    const { brokers, sinks, bury, clock = systemClock, random = Math.random } = options;
    const groups = new Set(sinks.map((sink) => sink.group));
    if (groups.size < sinks.length) throw new TypeError('two sinks have the same group');
    this.runners = sinks.map((sink) => {
      const broker = brokers.brokerFor(sink.contract.kind).name;
      return new SinkRunner(sink, { broker, clock, random, bury });
    });
    const { store, shards = 4, onTrouble = () => undefined } = options;
    this.redrives = store
      ? this.runners.map((runner) => {
          const deliver = runner.deliver.bind(runner);
          const { group } = runner.sink;
          return new SinkRedrives({ group, shards, store, clock, deliver, onTrouble });
        })
      : [];
  }

  /** The groups of these batch consumers; declare them before `start`. */
  groups(): readonly Group[] {
    return this.options.sinks.map(({ group, contract }) => ({
      name: group,
      kind: contract.kind,
      shards: this.options.shards ?? 4,
      bindings: [{ channel: channelOf(contract), pattern: `${contract.type}.#` }],
    }));
  }

  /**
   * Subscribes every batch consumer; may be called again after a failure. Each holds at most
   * two batches: one being written and one that gathers.
   */
  async start(): Promise<void> {
    for (const runner of this.runners) {
      const { group, contract, size } = runner.sink;
      if (this.subscribed.has(group)) continue;
      const broker = this.options.brokers.brokerFor(contract.kind);
      this.subscribed.set(group, await broker.subscribe(group, runner, { prefetch: 2 * size }));
    }
    for (const redrives of this.redrives) redrives.start();
  }

  /** Polls now for redriven dead letters. */
  wake(): void {
    for (const redrives of this.redrives) void redrives.poll();
  }

  /** Writes the gathered messages, then unsubscribes; failed messages are delivered again to the next consumer. */
  async stop(): Promise<void> {
    for (const redrives of this.redrives) redrives.stop();
    await Promise.all(this.runners.map((runner) => runner.stop()));
    await Promise.all([...this.subscribed.values()].map((leave) => leave()));
    this.subscribed.clear();
  }
}
