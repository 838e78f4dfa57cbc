import { channelOf } from '@waybill/message';
import { BatchConsumerRedrives } from './batch-consumer-redrives.ts';
import { BatchConsumerRunner, type FailedMessage } from './batch-consumer-runner.ts';
import type { Group } from './broker.ts';
import type { Brokers } from './brokers.ts';
import { type Clock, systemClock } from './clock.ts';
import type { BatchConsumer } from './handler.ts';
import { type ConsumerObserver, silentObserver } from './observer.ts';
import type { Store } from './store.ts';
import { Subscriptions } from './subscriptions.ts';
import type { Tracer } from './tracer.ts';

/** The batch consumers of a service and what they run on. */
export interface BatchConsumerHostOptions {
  readonly brokers: Brokers;
  readonly batchConsumers: readonly BatchConsumer[];
  /** Stores a message that cannot be written as a dead letter; the message is acked when this resolves. */
  readonly deadLetter: (failedMessage: FailedMessage) => Promise<void>;
  readonly clock?: Clock;
  readonly random?: () => number;
  /** Partitions of their groups; default 4. */
  readonly partitions?: number;
  /** Where redriven dead letters wait; absent: they are not processed. */
  readonly store?: Pick<Store, 'due' | 'commit'>;
  /** Called when `store` does not respond; it is tried again. */
  readonly onTrouble?: (error: unknown) => void;
  /** Default: nothing is observed. */
  readonly observer?: ConsumerObserver;
  readonly tracer?: Tracer | undefined;
}

/**
 * Runs the batch consumers of a service, each as the consumer of its own group. Delivery is at least
 * once. Order per key is not kept when a message fails: later messages of its key are not blocked.
 */
export class BatchConsumerHost {
  private readonly runners: readonly BatchConsumerRunner[];
  private readonly redrives: readonly BatchConsumerRedrives[];
  private readonly subscriptions: Subscriptions;

  constructor(private readonly options: BatchConsumerHostOptions) {
    const {
      brokers,
      batchConsumers,
      deadLetter,
      clock = systemClock,
      random = Math.random,
      observer = silentObserver,
      tracer,
    } = options;
    const groups = new Set(batchConsumers.map((batchConsumer) => batchConsumer.group));
    if (groups.size < batchConsumers.length)
      throw new TypeError('two batch consumers have the same group');
    this.runners = batchConsumers.map((batchConsumer) => {
      const broker = brokers.brokerFor(batchConsumer.contract.kind).name;
      const running = { broker, clock, random, deadLetter, observer, tracer };
      return new BatchConsumerRunner(batchConsumer, running);
    });
    const { store, partitions = 4, onTrouble = () => undefined } = options;
    this.redrives = store
      ? this.runners.map((runner) => {
          const deliver = runner.deliver.bind(runner);
          const { group } = runner.batchConsumer;
          return new BatchConsumerRedrives({ group, partitions, store, clock, deliver, onTrouble });
        })
      : [];
    this.subscriptions = new Subscriptions(
      () => this.groups(),
      ({ name }) => this.subscribe(name),
    );
  }

  /** The groups of these batch consumers; declare them before `start`. */
  groups(): readonly Group[] {
    return this.options.batchConsumers.map(({ group, contract }) => ({
      name: group,
      kind: contract.kind,
      partitions: this.options.partitions ?? 4,
      bindings: [{ channel: channelOf(contract), pattern: `${contract.type}.#` }],
    }));
  }

  /**
   * Subscribes every batch consumer; may be called again after a failure. Each holds at most
   * two batches: one being written and one that gathers.
   */
  async start(): Promise<void> {
    await this.subscriptions.start();
    for (const redrives of this.redrives) redrives.start();
  }

  /** Consumes nothing of exactly these groups from now on; the brokers get back what was not written. */
  async pause(groups: ReadonlySet<string>): Promise<void> {
    for (const redrives of this.redrives) redrives.paused = groups.has(redrives.group);
    await this.subscriptions.pause(groups);
  }

  /** Polls now for redriven dead letters. */
  wake(): void {
    for (const redrives of this.redrives) void redrives.poll();
  }

  /** Writes the gathered messages, then unsubscribes; failed messages are delivered again to the next consumer. */
  async stop(): Promise<void> {
    for (const redrives of this.redrives) redrives.stop();
    await Promise.all(this.runners.map((runner) => runner.stop()));
    await this.subscriptions.stop();
  }

  private async subscribe(name: string): Promise<() => Promise<void>> {
    const runner = this.runners.find(({ batchConsumer }) => batchConsumer.group === name);
    if (!runner) throw new TypeError(`no batch consumer has the group ${name}`);
    const { contract, size } = runner.batchConsumer;
    const broker = this.options.brokers.brokerFor(contract.kind);
    return broker.subscribe(name, runner, { prefetch: 2 * size });
  }
}
