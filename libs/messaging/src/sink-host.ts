import { channelOf } from '@waybill/message';
import type { Group } from './broker.ts';
import type { Brokers } from './brokers.ts';
import { type Clock, systemClock } from './clock.ts';
import type { Sink } from './handler.ts';
import { SinkRedrives } from './sink-redrives.ts';
import { SinkRunner, type Sunken } from './sink-runner.ts';
import type { Store } from './store.ts';

/** The sinks of a service and what they run on. */
export interface SinkHostOptions {
  readonly brokers: Brokers;
  readonly sinks: readonly Sink[];
  /** Keeps a message that cannot be written as a dead letter; it is acked when this resolves. */
  readonly bury: (sunken: Sunken) => Promise<void>;
  readonly clock?: Clock;
  readonly random?: () => number;
  /** Shards of their groups; default 4. */
  readonly shards?: number;
  /** Where redriven dead letters wait; absent: none are taken. */
  readonly store?: Pick<Store, 'due' | 'commit'>;
  /** Told when `store` cannot be asked; it is asked again. */
  readonly onTrouble?: (error: unknown) => void;
}

/**
 * Runs the sinks of a service, each as the consumer of its own group. At least once, and not in the order of
 * keys when a message fails: a later one of its key is not held.
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

  /** The groups that these sinks hear with; declare them before `start`. */
  groups(): readonly Group[] {
    return this.options.sinks.map(({ group, contract }) => ({
      name: group,
      kind: contract.kind,
      shards: this.options.shards ?? 4,
      bindings: [{ channel: channelOf(contract), pattern: `${contract.type}.#` }],
    }));
  }

  /**
   * Subscribes every sink; after a failure it may be called again. A sink holds two batches at most: one that is
   * written and one that gathers.
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

  /** Looks now for redriven dead letters. */
  wake(): void {
    for (const redrives of this.redrives) void redrives.poll();
  }

  /** Writes what is in hand, then leaves; what failed comes again to the next consumer. */
  async stop(): Promise<void> {
    for (const redrives of this.redrives) redrives.stop();
    await Promise.all(this.runners.map((runner) => runner.stop()));
    await Promise.all([...this.subscribed.values()].map((leave) => leave()));
    this.subscribed.clear();
  }
}
