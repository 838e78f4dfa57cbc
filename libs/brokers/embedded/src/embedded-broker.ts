import { type Contract, type Envelope, kindOfChannel } from '@waybill/message';
import {
  BrokerClosed,
  type ChannelStats,
  type Clock,
  defaultPrefetch,
  type Group,
  type Guarantees,
  guaranteeing,
  isAwaited,
  type Listener,
  type Outgoing,
  type RequestBroker,
  type Settled,
  type SubscribeOptions,
  systemClock,
} from '@waybill/messaging';
import { Courtesy, type CourtesyOptions } from './courtesy.ts';
import { EmbeddedGroup } from './embedded-group.ts';
import { type FaultOptions, Faults } from './faults.ts';
import { Intake } from './intake.ts';
import type { MessageLog } from './log/message-log.ts';
import { Observers } from './observers.ts';
import { EmbeddedOperations } from './operations.ts';
import { Replay } from './replay.ts';
import { Responders } from './responders.ts';
import { Routes } from './routes.ts';

/** Options of an embedded broker; every field has a default. */
export interface EmbeddedBrokerOptions {
  readonly clock?: Clock;
  /** Uncommitted messages that a group holds before it refuses more; default 100,000. */
  readonly size?: number;
  /** The same limit in characters of their bodies together; default 256 Mi. */
  readonly bytes?: number;
  /** Gives commands and replies precedence over facts; default: none. */
  readonly courtesy?: CourtesyOptions;
  /** Milliseconds that `close` waits for unsettled deliveries; default 5,000. */
  readonly drain?: number;
  /** Keeps events and activity; its opener closes it after the broker. Default: they are forgotten once they are committed. */
  readonly log?: MessageLog;
  /** For tests. */
  readonly faults?: FaultOptions;
}

const defaultSize = 100_000;
const defaultBytes = 256 * 1024 * 1024;

/**
 * The broker inside the process. It keeps messages in memory and still loses none: it confirms a message
 * only when every declared group that subscribes to it has committed it, so its sender stores it until then. With a
 * log, groups can read events and activity again, and a new group begins with the first that is kept.
 */
export class EmbeddedBroker implements RequestBroker {
  readonly name = 'embedded';
  readonly guarantees: Guarantees;
  readonly largest = Number.POSITIVE_INFINITY;
  readonly operations: EmbeddedOperations;
  readonly #clock: Clock;
  readonly #groups = new Map<string, EmbeddedGroup>();
  readonly #routes = new Routes();
  readonly #observers = new Observers();
  readonly #responders: Responders;
  readonly #courtesy: Courtesy | null;
  readonly #intake: Intake;
  readonly #replay: Replay | null;
  #closing: Promise<void> | null = null;

  constructor(private readonly options: EmbeddedBrokerOptions = {}) {
    this.#clock = options.clock ?? systemClock;
    const { log = null } = options;
    this.guarantees = {
      ...guaranteeing('durable', 'orderedPerKey', 'priority', 'expiry', 'requests'),
      replayable: log !== null,
    };
    this.#replay = log ? new Replay(log, this.#routes, this.#clock) : null;
    this.operations = new EmbeddedOperations((name) => this.#groupNamed(name), this.#replay);
    this.#responders = new Responders(this.#clock);
    this.#courtesy = options.courtesy ? new Courtesy(this.#clock, options.courtesy) : null;
    this.#intake = new Intake({
      broker: this.name,
      clock: this.#clock,
      routes: this.#routes,
      observers: this.#observers,
      faults: options.faults ? new Faults(options.faults) : null,
      log,
    });
  }

  async declare(groups: readonly Group[]): Promise<void> {
    this.#refuseIfClosed();
    for (const group of groups) {
      const known = this.#groups.get(group.name) ?? this.#create(group);
      if (known.partitions !== group.partitions) {
        throw new TypeError(
          `group ${group.name} has ${known.partitions} partitions, and that number never changes: ${group.partitions}`,
        );
      }
      this.#routes.bind(known, group.kind, group.bindings);
      for (const { channel } of group.bindings) known.listenTo(channel);
    }
    await this.#replay?.resume(groups.map(({ name }) => this.#groupNamed(name)));
  }

  publish(messages: readonly Outgoing[], settled: Settled): void {
    this.#intake.publish(messages, settled);
  }

  async subscribe(
    group: string,
    listener: Listener,
    options: SubscribeOptions = {},
  ): Promise<() => Promise<void>> {
    this.#refuseIfClosed();
    return this.#groupNamed(group).subscribe(listener, options.prefetch ?? defaultPrefetch);
  }

  observe(pattern: string, listener: (envelope: Envelope) => void): () => void {
    return this.#observers.add(pattern, listener);
  }

  async respond(
    contract: Contract,
    answer: (data: unknown) => Promise<unknown>,
    name?: string,
  ): Promise<() => Promise<void>> {
    this.#refuseIfClosed();
    return this.#responders.respond(contract, answer, name);
  }

  async request(envelope: Envelope, deadline: number, name?: string): Promise<unknown> {
    this.#refuseIfClosed();
    return this.#responders.request(envelope, deadline, name);
  }

  async stats(groups?: ReadonlySet<string>): Promise<readonly ChannelStats[]> {
    const now = this.#clock.now().getTime();
    const { log } = this.options;
    const endOf = (channel: string, partition: number) =>
      log?.keeps(channel) ? log.end(channel, partition) : null;
    return [...this.#groups.values()].flatMap((group) =>
      groups?.has(group.name) === false ? [] : group.stats(now, endOf),
    );
  }

  /** Stops deliveries, waits a while for unsettled ones, and reports the rest to their senders as failed. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#intake.close();
    const groups = [...this.#groups.values()];
    for (const group of groups) group.flow(false);
    await this.#drained(groups);
    await this.options.log?.written();
    const error = new BrokerClosed(this.name);
    this.#intake.abandon(error);
    this.#responders.abandon(error);
    this.#observers.clear();
    for (const group of groups) {
      group.dismissConsumers();
      for (const entry of group.uncommitted()) entry.confirm?.fail(error);
    }
  }

  async #drained(groups: readonly EmbeddedGroup[]): Promise<void> {
    if (this.options.drain === 0) return;
    const idle = Promise.all(groups.map((group) => group.whenIdle()));
    let forget = (): void => undefined;
    const patience = new Promise<void>((resolve) => {
      forget = this.#clock.after(this.options.drain ?? 5_000, resolve);
    });
    await Promise.race([idle, patience]);
    forget();
  }

  #create(group: Group): EmbeddedGroup {
    if (!Number.isInteger(group.partitions) || group.partitions < 1) {
      throw new TypeError(`group ${group.name} needs at least one partition`);
    }
    const made = new EmbeddedGroup(group.name, group.partitions, {
      clock: this.#clock,
      size: this.options.size ?? defaultSize,
      bytes: this.options.bytes ?? defaultBytes,
      courtesy: this.#courtesy,
      isAwaited: group.bindings.some(({ channel }) =>
        isAwaited(kindOfChannel(channel) ?? group.kind),
      ),
    });
    this.#groups.set(group.name, made);
    return made;
  }

  #groupNamed(name: string): EmbeddedGroup {
    const found = this.#groups.get(name);
    if (!found) throw new TypeError(`group ${name} is not declared`);
    return found;
  }

  #refuseIfClosed(): void {
    if (this.#closing) throw new BrokerClosed(this.name);
  }
}

/** Makes an embedded broker. */
export const embeddedBroker = (options: EmbeddedBrokerOptions = {}): EmbeddedBroker =>
  new EmbeddedBroker(options);
