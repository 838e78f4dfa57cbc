import { GetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import type { Envelope } from '@waybill/message';
import {
  type Broker,
  BrokerClosed,
  type ChannelStats,
  type Clock,
  defaultPrefetch,
  type Group,
  guaranteeing,
  type Listener,
  type ObserveOptions,
  type Outgoing,
  type Settled,
  type SubscribeOptions,
  systemClock,
  within,
} from '@waybill/messaging';
import { Audience } from './audience.ts';
import { Connection, type ConnectionState } from './connection.ts';
import { Counters } from './counters.ts';
import { Names } from './names.ts';
import { Observers } from './observers.ts';
import { SnsSqsOperations } from './operations.ts';
import { type Knobs, knobsOf, type SnsSqsOptions } from './options.ts';
import { sweepOrphans } from './orphans.ts';
import { Publisher } from './publisher.ts';
import type { Queue } from './queues.ts';
import { Subscription } from './subscription.ts';
import { Topics } from './topics.ts';
import { type Home, Topology } from './topology.ts';
import { largestBody } from './wire.ts';

/** Milliseconds that `close` waits for a server that does not respond; it detects the end of the process by itself. */
const farewell = 4_000;

/**
 * SNS and SQS behind the `Broker` port: a topic per channel, a queue per group, FIFO where order is guaranteed. The
 * constructor does not connect. The README lists what is guaranteed and what is not.
 */
export class SnsSqsBroker implements Broker {
  readonly name = 'sns-sqs';
  readonly guarantees = guaranteeing('durable', 'orderedPerKey', 'expiry');
  readonly largest = largestBody;
  readonly operations: SnsSqsOperations;
  readonly #knobs: Knobs;
  readonly #clock: Clock;
  readonly #connection: Connection;
  readonly #topology: Topology;
  readonly #publisher: Publisher;
  readonly #observers: Observers;
  readonly #counters = new Counters();
  readonly #subscriptions = new Map<Subscription, string>();
  readonly #sweep: () => void;
  #closing: Promise<void> | null = null;

  constructor(options: SnsSqsOptions) {
    this.#knobs = knobsOf(options);
    const { waitSeconds } = this.#knobs;
    const clock = options.clock ?? systemClock;
    const names = new Names(options.namespace);
    const connection = new Connection(options, clock, waitSeconds);
    const topics = new Topics(connection, names, (arn) => this.#observers.topicMade(arn));
    const topology = new Topology(connection, names, this.#knobs, topics);
    const reading = { connection, names, clock, waitSeconds };
    this.#clock = clock;
    this.#connection = connection;
    this.#topology = topology;
    this.operations = new SnsSqsOperations(connection, topology);
    this.#observers = new Observers({ ...reading, topics: () => topics });
    this.#sweep = once(() =>
      sweepOrphans(connection, names, clock.now()).catch((error: unknown) =>
        connection.failed('looking for queues that were left behind', error),
      ),
    );
    this.#publisher = new Publisher({
      broker: this.name,
      connection,
      topology,
      audience: new Audience(connection, topology, clock),
      published: (channel) => this.#counters.published(channel),
    });
  }

  /** Whether the server is reachable. */
  state(): ConnectionState {
    return this.#closing ? 'closed' : this.#connection.state;
  }

  async declare(groups: readonly Group[]): Promise<void> {
    this.#refuseIfClosed();
    try {
      await this.#topology.declare(groups);
      this.#connection.worked();
    } catch (error) {
      throw this.#connection.explained(error);
    }
  }

  publish(messages: readonly Outgoing[], settled: Settled): void {
    this.#publisher.publish(messages, settled);
  }

  async subscribe(
    group: string,
    listener: Listener,
    { prefetch = defaultPrefetch }: SubscribeOptions = {},
  ): Promise<() => Promise<void>> {
    this.#refuseIfClosed();
    this.#topology.homeOf(group);
    const subscription = new Subscription({
      group,
      listener,
      prefetch,
      topology: this.#topology,
      connection: this.#connection,
      counters: this.#counters,
      knobs: this.#knobs,
      clock: this.#clock,
    });
    await subscription.start();
    this.#subscriptions.set(subscription, group);
    return async () => {
      await subscription.stop();
      this.#subscriptions.delete(subscription);
    };
  }

  observe(
    pattern: string,
    listener: (envelope: Envelope) => void,
    options?: ObserveOptions,
  ): () => void {
    if (!this.#closing) this.#sweep();
    return this.#observers.observe(pattern, listener, options);
  }

  /** One row per group. SQS counts are approximate; the age covers only unsettled messages of this process. */
  stats(groups?: ReadonlySet<string>): Promise<readonly ChannelStats[]> {
    const homes = this.#topology.homes.filter(({ name }) => groups?.has(name) !== false);
    return Promise.all(homes.map((home) => this.#statsOf(home)));
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    const subscriptions = [...this.#subscriptions.keys()];
    const drained = Promise.all(subscriptions.map((each) => each.drain()));
    const published = this.#publisher.close();
    await within(this.#knobs.drainMs, drained);
    const stopped = subscriptions.map((each) => each.stop());
    await within(farewell, Promise.all([...stopped, published, this.#observers.close()]));
    this.#connection.close();
    await published;
  }

  async #statsOf({ name, queue, members, selections }: Home): Promise<ChannelStats> {
    const [messages, seats] = await Promise.all([this.#countsOf(queue), this.#countsOf(members)]);
    const channels = [...selections.keys()];
    return {
      channels,
      group: name,
      depth: messages.visible,
      inFlight: messages.hidden,
      oldestMs: this.#ageOf(name),
      ...this.#counters.of(name, channels),
      consumers: seats.hidden,
    };
  }

  async #countsOf({ url }: Queue): Promise<{ readonly visible: number; readonly hidden: number }> {
    const visible = 'ApproximateNumberOfMessages';
    const hidden = 'ApproximateNumberOfMessagesNotVisible';
    const { Attributes = {} } = await this.#connection.sqs.send(
      new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: [visible, hidden] }),
    );
    return { visible: Number(Attributes[visible] ?? 0), hidden: Number(Attributes[hidden] ?? 0) };
  }

  #ageOf(group: string): number {
    const times = [...this.#subscriptions]
      .filter(([, of]) => of === group)
      .flatMap(([{ oldest }]) => oldest ?? []);
    return times.length > 0 ? Math.max(0, +this.#clock.now() - Math.min(...times)) : 0;
  }

  #refuseIfClosed(): void {
    if (this.#closing) throw new BrokerClosed(this.name);
  }
}

function once(run: () => unknown): () => void {
  let due = true;
  return () => {
    if (due) run();
    due = false;
  };
}

/** Creates a broker on SNS and SQS; it connects on first use. */
export const snsSqsBroker = (options: SnsSqsOptions): SnsSqsBroker => new SnsSqsBroker(options);
