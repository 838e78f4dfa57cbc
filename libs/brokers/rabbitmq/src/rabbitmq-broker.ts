import type { Contract, Envelope } from '@waybill/message';
import {
  BrokerClosed,
  type ChannelStats,
  type DeadRow,
  defaultPrefetch,
  type Group,
  guaranteeing,
  type Listener,
  type ObserveOptions,
  type Outgoing,
  type RequestBroker,
  type Settled,
  type SubscribeOptions,
  within,
} from '@waybill/messaging';
import { DeadLetterMirror } from './dead-letter-mirror.ts';
import { DeadLetters } from './dead-letters.ts';
import { GroupStats } from './group-stats.ts';
import { Link } from './link.ts';
import { Names } from './names.ts';
import { Observers } from './observers.ts';
import { RabbitMqOperations } from './operations.ts';
import { Publisher } from './publisher.ts';
import type { RabbitMqOptions, Settings } from './rabbitmq-options.ts';
import { Requests } from './requests.ts';
import { Responders } from './responders.ts';
import { RetryQueues } from './retry-queues.ts';
import { settingsOf } from './settings.ts';
import { Subscription } from './subscription.ts';
import { Topology } from './topology.ts';
import { Voice } from './voice.ts';
import { largestBody } from './wire-message.ts';

/** Milliseconds, in addition to `drain`, that `close` waits for a server that does not respond. */
const farewell = 2_500;

/**
 * RabbitMQ behind the `Broker` port: topic exchanges, a quorum queue with a single active consumer per partition,
 * pipelined publisher confirms. Connects on first use, and reconnects without limit once connected.
 */
export class RabbitMqBroker implements RequestBroker {
  readonly name = 'rabbitmq';
  readonly guarantees = guaranteeing('durable', 'orderedPerKey', 'priority', 'expiry', 'requests');
  readonly largest = largestBody;
  readonly operations: RabbitMqOperations;
  private readonly settings: Settings;
  private readonly publishing: Link;
  /** Never used to publish: during an alarm, RabbitMQ stops reading from publishing connections, including acks. */
  private readonly consuming: Link;
  private readonly voice: Voice;
  private readonly retryQueues: RetryQueues;
  private readonly names: Names;
  private readonly topology: Topology;
  private readonly publisher: Publisher;
  private readonly deadLetters: DeadLetters;
  private readonly mirror: DeadLetterMirror | null;
  private readonly observers: Observers;
  private readonly responders: Responders;
  private readonly requests: Requests;
  private readonly groupStats: GroupStats;
  private readonly subscriptions = new Set<Subscription>();
  private closing: Promise<void> | null = null;

  constructor(options: RabbitMqOptions) {
    this.settings = settingsOf(options);
    const { settings } = this;
    this.names = new Names(settings.prefix);
    this.publishing = new Link('publishing', settings);
    this.consuming = new Link('consuming', settings);
    this.topology = new Topology(this.publishing, this.names, settings);
    const { names, topology } = this;
    const sending = { link: this.publishing, names, topology, settings };
    const receiving = { link: this.consuming, names, topology, settings };
    this.voice = new Voice(this.publishing);
    this.retryQueues = new RetryQueues(sending);
    this.publisher = new Publisher(sending);
    this.deadLetters = new DeadLetters(sending);
    this.mirror = settings.mirrorDeadLetters ? new DeadLetterMirror(sending) : null;
    this.observers = new Observers(receiving);
    this.responders = new Responders(sending);
    this.requests = new Requests(sending);
    this.operations = new RabbitMqOperations(topology, names);
    this.groupStats = new GroupStats(topology, names, this.publisher, this.subscriptions);
  }

  /** Whether messages can be sent now; also `connecting` before the first use. */
  state(): 'connected' | 'connecting' | 'blocked' | 'closed' {
    return this.closing ? 'closed' : this.publishing.state;
  }

  async declare(groups: readonly Group[]): Promise<void> {
    this.refuseIfClosed();
    await this.topology.declare(groups);
  }

  publish(messages: readonly Outgoing[], settled: Settled): void {
    this.publisher.publish(messages, settled);
  }

  async subscribe(
    group: string,
    listener: Listener,
    options: SubscribeOptions = {},
  ): Promise<() => Promise<void>> {
    this.refuseIfClosed();
    const subscription = new Subscription({
      group: this.topology.group(group),
      listener,
      prefetch: options.prefetch ?? defaultPrefetch,
      link: this.consuming,
      voice: this.voice,
      retryQueues: this.retryQueues,
      names: this.names,
      topology: this.topology,
      settings: this.settings,
    });
    this.subscriptions.add(subscription);
    await subscription.start().catch((error: unknown) => {
      this.subscriptions.delete(subscription);
      throw error;
    });
    await this.deadLetters.drain(group);
    return async () => {
      await subscription.leave();
      this.groupStats.left(subscription);
    };
  }

  deadLettered(letters: readonly DeadRow[]): void {
    this.mirror?.show(letters);
  }

  observe(
    pattern: string,
    listener: (envelope: Envelope) => void,
    options: ObserveOptions = {},
  ): () => void {
    return this.observers.add(pattern, listener, options);
  }

  async respond(
    contract: Contract,
    answer: (data: unknown) => Promise<unknown>,
    name?: string,
  ): Promise<() => Promise<void>> {
    this.refuseIfClosed();
    return this.responders.respond(contract, answer, name);
  }

  async request(envelope: Envelope, deadline: number, name?: string): Promise<unknown> {
    this.refuseIfClosed();
    return this.requests.request(envelope, deadline, name);
  }

  /** `depth` counts messages at RabbitMQ and in this process; deliveries of other processes are not known here. */
  stats(groups?: ReadonlySet<string>): Promise<readonly ChannelStats[]> {
    return this.groupStats.read(groups);
  }

  /** Stops delivering, waits up to `drain` for unsettled deliveries, then closes the connections. */
  close(): Promise<void> {
    this.closing ??= this.shut();
    return this.closing;
  }

  /** Deletes everything this object has declared, with all messages in it. For tests; close it first. */
  async remove(): Promise<void> {
    const link = new Link('removing', this.settings);
    await this.topology.remove(link);
    await link.close();
  }

  private async shut(): Promise<void> {
    await within(this.settings.drain + farewell, this.letGo());
    for (const link of [this.publishing, this.consuming]) link.sever();
  }

  private async letGo(): Promise<void> {
    const subscriptions = [...this.subscriptions];
    this.requests.abandon(new BrokerClosed(this.name));
    this.observers.clear();
    const published = this.publisher.close();
    await Promise.all(subscriptions.map((each) => each.drain(this.settings.drain)));
    await Promise.all([published, ...subscriptions.map((each) => each.leave())]);
    await Promise.all([this.responders.close(), this.deadLetters.close()]);
    await Promise.all([this.publishing.close(), this.consuming.close()]);
  }

  private refuseIfClosed(): void {
    if (this.closing) throw new BrokerClosed(this.name);
  }
}

/** Creates a RabbitMQ broker; it connects on first use. */
export const rabbitmqBroker = (options: RabbitMqOptions): RabbitMqBroker =>
  new RabbitMqBroker(options);
