import { randomUUID } from 'node:crypto';
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
import { type KafkaClient, largestValue } from './client/kafka-client.ts';
import { KafkajsClient } from './client/kafkajs/kafkajs-client.ts';
import { withSetting } from './connection-error.ts';
import { Declaring } from './declaring.ts';
import { GroupConsumer } from './group-consumer.ts';
import { GroupCounts } from './group-counts.ts';
import { Intake } from './intake.ts';
import { Lag } from './lag.ts';
import { Names } from './names.ts';
import { Observers } from './observers.ts';
import { KafkaOperations } from './operations.ts';
import { addressesOf, type KafkaBrokerOptions, type Knobs, knobsOf } from './options.ts';
import { Replay } from './replay.ts';
import { Sender } from './sender.ts';
import { Topics } from './topics.ts';
import { Topology } from './topology.ts';

/** A subscription and its slot, which makes its name unique among those of its group in this process. */
interface Subscribed {
  readonly group: string;
  readonly slot: number;
  readonly consumer: GroupConsumer;
}

/**
 * Kafka as a broker: a topic per channel, a Kafka partition per partition, a Kafka consumer group per group. At least
 * once and in order per key; a message is confirmed when all in-sync replicas have it.
 */
export class KafkaBroker implements Broker {
  readonly name = 'kafka';
  readonly guarantees = guaranteeing('durable', 'orderedPerKey', 'replayable', 'expiry');
  readonly largest = largestValue;
  readonly compresses = true;
  readonly operations: KafkaOperations;
  readonly #clock: Clock;
  readonly #knobs: Knobs;
  readonly #names: Names;
  readonly #client: KafkaClient;
  readonly #topology = new Topology();
  readonly #topics: Topics;
  readonly #sender: Sender;
  readonly #declaring: Declaring;
  readonly #intake: Intake;
  readonly #observers: Observers;
  readonly #lag: Lag;
  readonly #counts = new Map<string, GroupCounts>();
  #subscribed: readonly Subscribed[] = [];
  #connected = false;
  #closing: Promise<void> | null = null;

  constructor(private readonly options: KafkaBrokerOptions) {
    addressesOf(options);
    this.#knobs = knobsOf(options);
    this.#clock = options.clock ?? systemClock;
    this.#names = new Names(options.namespace);
    this.#client = new KafkajsClient(options, this.#knobs);
    const { admin } = this.#client;
    const topics = new Topics(admin, this.#knobs.partitions, (topic, partitions) =>
      this.#observers.created(topic, partitions),
    );
    this.#topics = topics;
    this.#sender = new Sender({
      producer: this.#client.producer(),
      patienceMs: 2 * this.#knobs.requestMs,
      inFlight: this.#knobs.inFlight,
      restore: (topic) => topics.restore([topic]),
      onTrouble: (error) => this.#trouble('publish', error),
    });
    const groupId = this.#names.group(`${options.service}.${randomUUID()}`);
    const parts = {
      client: this.#client,
      clock: this.#clock,
      names: this.#names,
      topics,
      sender: this.#sender,
      groupId,
      onTrouble: (what: string, error: Error) => this.#trouble(what, error),
    };
    this.#observers = new Observers({ ...parts, groupId: `${groupId}.observers` });
    this.#declaring = new Declaring(this.#topology, topics, admin, this.#names);
    this.#intake = new Intake({ ...parts, topology: this.#topology });
    this.#lag = new Lag(admin, this.#names, this.#clock);
    this.operations = new KafkaOperations({
      client: this.#client,
      names: this.#names,
      topology: this.#topology,
      replay: new Replay(this.#client, this.#names),
      groupId,
    });
  }

  async declare(groups: readonly Group[]): Promise<void> {
    this.#refuseIfClosed();
    try {
      const rebound = await this.#declaring.declare(groups);
      this.#connected = true;
      const readers = this.#subscribed.filter(({ group }) => rebound.has(group));
      await Promise.all(readers.map(({ consumer }) => consumer.rebind()));
    } catch (error) {
      throw withSetting(error, this.options);
    }
  }

  publish(messages: readonly Outgoing[], settled: Settled): void {
    this.#intake.publish(messages, settled);
  }

  async subscribe(
    name: string,
    listener: Listener,
    { prefetch = defaultPrefetch }: SubscribeOptions = {},
  ): Promise<() => Promise<void>> {
    this.#refuseIfClosed();
    const group = this.#topology.named(name);
    const slot = this.#freeSlot(name);
    const consumer = new GroupConsumer({
      client: this.#client,
      clock: this.#clock,
      group,
      groupId: this.#names.group(name),
      instance: this.#instanceOf(slot),
      listener,
      prefetch,
      commitMs: this.#knobs.commitMs,
      counts: this.#countsOf(name),
      topics: this.#topics,
      topicOf: (channel) => this.#names.topic(channel),
      onTrouble: (what, error) => this.#trouble(what, error),
    });
    const subscribed = { group: name, slot, consumer };
    this.#subscribed = [...this.#subscribed, subscribed];
    const leave = async (): Promise<void> => {
      await consumer.leave();
      this.#subscribed = this.#subscribed.filter((each) => each !== subscribed);
    };
    try {
      await consumer.open();
    } catch (error) {
      await leave();
      throw withSetting(error, this.options);
    }
    return leave;
  }

  observe(
    pattern: string,
    listener: (envelope: Envelope) => void,
    { onGap }: ObserveOptions = {},
  ): () => void {
    if (this.#closing) return () => undefined;
    return this.#observers.add(pattern, listener, onGap);
  }

  async stats(groups?: ReadonlySet<string>): Promise<readonly ChannelStats[]> {
    const wanted = this.#topology.all().filter(({ name }) => groups?.has(name) !== false);
    return this.#lag.stats(
      wanted.map((group) => ({
        group,
        counts: this.#countsOf(group.name),
        windows: this.#subscribed
          .filter((each) => each.group === group.name)
          .flatMap(({ consumer }) => consumer.windows()),
      })),
    );
  }

  /** For health checks: `connecting` before the first `declare`, and while a component reconnects. */
  state(): 'connected' | 'connecting' | 'closed' {
    if (this.#closing) return 'closed';
    const up =
      this.#connected &&
      this.#sender.isUp() &&
      this.#subscribed.every(({ consumer }) => consumer.isUp()) &&
      this.#observers.isUp();
    return up ? 'connected' : 'connecting';
  }

  /** Stops publishing and delivering, waits up to `drainMs` for unsettled deliveries, commits, and leaves the groups. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    const { drainMs } = this.#knobs;
    this.#intake.close();
    const consumers = this.#subscribed.map(({ consumer }) => consumer);
    for (const consumer of consumers) consumer.hold();
    await Promise.all([
      this.#observers.close(),
      within(drainMs, Promise.all(consumers.map((consumer) => consumer.idle()))).then(() =>
        Promise.all(consumers.map((consumer) => consumer.leave())),
      ),
    ]);
    await this.#sender.close(drainMs);
    await this.#client.close();
  }

  #countsOf(group: string): GroupCounts {
    const counts = this.#counts.get(group) ?? new GroupCounts();
    this.#counts.set(group, counts);
    return counts;
  }

  #freeSlot(group: string): number {
    const taken = this.#subscribed.filter((each) => each.group === group).map(({ slot }) => slot);
    let slot = 0;
    while (taken.includes(slot)) slot += 1;
    return slot;
  }

  /** Members of one group never share a name. */
  #instanceOf(slot: number): string | null {
    const { service, instance } = this.options;
    if (!instance) return null;
    return slot === 0 ? `${service}.${instance}` : `${service}.${instance}.${slot}`;
  }

  #trouble(what: string, error: Error): void {
    this.options.onTrouble?.(what, withSetting(error, this.options));
  }

  #refuseIfClosed(): void {
    if (this.#closing) throw new BrokerClosed(this.name);
  }
}

/** Creates a Kafka broker; it connects on the first `declare`. Throws `InvalidBrokerSetting`. */
export const kafkaBroker = (options: KafkaBrokerOptions): KafkaBroker => new KafkaBroker(options);
