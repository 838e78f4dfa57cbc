import { type BeforeApplicationShutdown, Inject, Injectable } from '@nestjs/common';
import { DiscoveryService } from '@nestjs/core';
import type { Contract, Message } from '@waybill/message';
import { stopSteps } from '@waybill/resilience';
import { BatchConsumerHost } from './batch-consumer-host.ts';
import type { Group } from './broker.ts';
import { systemClock } from './clock.ts';
import { Consumer, type ConsumerOptions } from './consumer.ts';
import { deadLetterMessage } from './dead-letter-message.ts';
import { subscribesToOneOf } from './groups.ts';
import type { Responder } from './handler.ts';
import { handlersOf } from './handles.ts';
import { loggingObserver, type MessagingLog, nestLog } from './nest-log.ts';
import type { ConsumerObserver } from './observer.ts';
import type { Requests } from './requests.ts';
import { Storage } from './store.ts';
import { type Overloaded, type SubmitOptions, Submitter, Unavailable } from './submitter.ts';

/** Injection token of the `MessagingOptions` of a service. */
export const MESSAGING_OPTIONS = Symbol('messaging:options');

/** The brokers and settings of a service. Its storage is injected and its handlers are discovered. */
export interface MessagingOptions
  extends Omit<
    ConsumerOptions,
    'handlers' | 'deadLetterHooks' | 'store' | 'relay' | 'crashMarks' | 'transactions' | 'oldest'
  > {
  /** Default: the logger of Nest. */
  readonly log?: MessagingLog;
  /** Default: troubles are logged. */
  readonly observer?: ConsumerObserver;
  /** False if the brokers are closed elsewhere, such as when services share them. Default: they close with the application. */
  readonly closeBrokers?: boolean;
  /** False if its groups, and those of its subscribers, are declared before it starts. Default true. */
  readonly declare?: boolean;
  /** Resolves when the groups of its subscribers are declared. Default: there are no others. */
  readonly declared?: Promise<unknown>;
  /** Default: requests go over the broker. */
  readonly requests?: Requests;
  /** What else is missing, beyond the database's own state, before the service can work; empty: nothing. */
  readonly lacks?: () => Promise<readonly string[]>;
  /** Channels that are paused when it starts: see `Messaging.pause`. Default: none. */
  readonly paused?: () => Promise<ReadonlySet<string>>;
  /** Runs once the service works, each time it starts. */
  readonly started?: (submitter: Submitter) => Promise<void>;
}

/** What the handlers of a service are made into. */
interface SubscribedType {
  readonly consumer: Consumer;
  readonly batchConsumers: BatchConsumerHost;
  readonly responders: readonly Responder[];
  readonly contracts: readonly Contract[];
}

const noEnding = async (): Promise<void> => undefined;

const lookAgainAfter = 1_000;

/**
 * All messaging of a service: its consumer, its batch consumers, its responders, and the relay of its outbox. While
 * migrations of the database are pending, it waits, consumes nothing, and `submit` rejects with `Unavailable`.
 */
@Injectable()
export class Messaging extends Submitter implements BeforeApplicationShutdown {
  private parts: SubscribedType | null = null;
  private state: 'new' | 'working' | 'stopped' = 'new';
  private endings: (() => Promise<void>)[] = [];
  private cancelLook: () => void = () => {};
  private endMaintenance: () => void = () => {};
  private begun = false;
  private working: Promise<void> = Promise.resolve();
  private pausing: Promise<void> = Promise.resolve();

  private readonly log: MessagingLog;

  constructor(
    @Inject(MESSAGING_OPTIONS) private readonly options: MessagingOptions,
    private readonly storage: Storage,
    private readonly discovery: DiscoveryService,
  ) {
    super();
    this.log = options.log ?? nestLog('Messaging');
  }

  get consumer(): Consumer {
    return this.found().consumer;
  }

  /** True once messages are consumed and can be submitted. */
  get isWorking(): boolean {
    return this.state === 'working';
  }

  /** The groups to declare at the brokers, for all services, before any of them starts. */
  groups(): readonly Group[] {
    const { consumer, batchConsumers } = this.found();
    return [...consumer.groups(), ...batchConsumers.groups()];
  }

  /** The contracts of all messages that are handled, from brokers or callers, except requests. */
  contracts(): readonly Contract[] {
    return this.found().contracts;
  }

  /** Starts now. If the database lacks something that this release needs, returns and starts once it is there. */
  async start(): Promise<void> {
    const { service, clock = systemClock, brokers, declare = true } = this.options;
    const { log } = this;
    await this.options.declared;
    if (declare) await brokers.declare(this.groups());
    const missing = await this.missing();
    if (missing.length === 0) return this.work();
    log.warn({ missing }, `the database of ${service} is behind; waiting for a migration`);
    const look = async (): Promise<void> => {
      const still = await this.missing().catch(() => ['an answer of the database']);
      if (this.state === 'new' && still.length === 0) await this.work();
    };
    const lookLater = (): void => {
      if (this.state !== 'new') return;
      this.cancelLook = clock.after(lookAgainAfter, () => {
        look()
          .catch((error: unknown) => log.error({ error }, `cannot start ${service} yet`))
          .then(lookLater);
      });
    };
    lookLater();
  }

  submit<A>(message: Message, options?: SubmitOptions): Promise<A> {
    if (this.begun && this.state !== 'new') return this.consumer.submit<A>(message, options);
    return Promise.reject(new Unavailable('this service is starting'));
  }

  override overload(): Overloaded | undefined {
    return this.isWorking ? this.consumer.overload() : undefined;
  }

  /**
   * Consumes nothing more of exactly the channels that `read` resolves with. A group that subscribes to one of them stops as a whole, with
   * its deferred messages, because its channels share their order. What was not committed stays with the brokers. Each call reads after the
   * one before has had its effect, so that what was paused meanwhile is not forgotten.
   */
  pause(read: () => Promise<ReadonlySet<string>>): Promise<void> {
    const paused = this.pausing.then(async () => this.pauseThose(await read()));
    this.pausing = paused.catch(() => undefined);
    return paused;
  }

  private async pauseThose(channels: ReadonlySet<string>): Promise<void> {
    const { consumer, batchConsumers } = this.found();
    const paused = this.groups().filter((group) => subscribesToOneOf(group, channels));
    const names = new Set(paused.map(({ name }) => name));
    await Promise.all([consumer.pause(names), batchConsumers.pause(names)]);
  }

  /** Call it after dead letters were redriven or discarded: looks for messages that may continue. */
  wake(): void {
    this.parts?.consumer.wake();
    this.parts?.batchConsumers.wake();
  }

  /** Stops the consumer before the relay, because its last batch needs the relay; both need the database. */
  async beforeApplicationShutdown(): Promise<void> {
    this.cancelLook();
    this.state = 'stopped';
    if (!this.begun) return;
    await stopSteps(
      [
        // A start in progress must first get far enough to be stopped.
        { name: 'start', within: 1_000, run: () => this.working.catch(() => undefined) },
        { name: 'consumer', within: 3_000, run: () => this.stopHearing() },
        { name: 'relay', within: 2_000, run: () => this.storage.relay.close(1_500) },
      ],
      this.log,
    );
  }

  private async missing(): Promise<readonly string[]> {
    const missing = await this.storage.missing();
    return missing.length > 0 || !this.options.lacks ? missing : this.options.lacks();
  }

  /** May be called again after a failure: parts that have started keep running. */
  private work(): Promise<void> {
    this.working = this.begin();
    return this.working;
  }

  /** It may be stopped between its steps. */
  private async begin(): Promise<void> {
    if (this.isStopped()) return;
    this.begun = true;
    this.endMaintenance();
    const steps = [
      async () => {
        this.endMaintenance = await this.storage.maintain();
      },
      () => this.storage.relay.start(),
      () => this.receive(),
    ];
    for (const step of steps) {
      await step();
      if (this.isStopped()) return this.endMaintenance();
    }
    this.state = 'working';
    await this.options.started?.(this);
  }

  private isStopped(): boolean {
    return this.state === 'stopped';
  }

  private async receive(): Promise<void> {
    const { consumer, batchConsumers, responders } = this.found();
    if (this.options.paused) await this.pause(this.options.paused);
    for (const { request, answer, name } of responders.slice(this.endings.length)) {
      const broker = this.options.brokers.brokerOf(request);
      // Without one, the request arrives over gRPC.
      this.endings.push(broker ? await broker.respond(request, answer, name) : noEnding);
    }
    await consumer.start();
    await batchConsumers.start();
  }

  /** Takes nothing more and finishes the current batches. */
  private async stopHearing(): Promise<void> {
    this.endMaintenance();
    const { consumer, batchConsumers } = this.found();
    await Promise.all(this.endings.splice(0).map((end) => end()));
    await Promise.all([consumer.stop(), batchConsumers.stop()]);
  }

  /** Found late, because handlers are methods of providers, which exist only once the application is created. */
  private found(): SubscribedType {
    this.parts ??= this.find();
    return this.parts;
  }

  private find(): SubscribedType {
    const { options, storage } = this;
    const { service, brokers, clock = systemClock, partitions = 4, tracer } = options;
    const { observer = loggingObserver(this.log) } = options;
    const { store, relay, crashMarks, transactions } = storage;
    const { handlers, batchConsumers, responders, deadLetterHooks } = handlersOf(this.discovery);
    const consumer = new Consumer({
      ...options,
      observer,
      store,
      relay,
      handlers,
      deadLetterHooks,
      oldest: () => storage.oldest(),
      ...(crashMarks ? { crashMarks } : {}),
      ...(transactions ? { transactions } : {}),
    });
    const host: BatchConsumerHost = new BatchConsumerHost({
      brokers,
      batchConsumers,
      clock,
      partitions,
      store,
      observer,
      tracer,
      onTrouble: (error) =>
        observer.trouble({ what: 'redriven messages of batch consumers could not be read', error }),
      deadLetter: async (failedMessage) =>
        brokers.deadLettered(
          host.groups(),
          await deadLetterMessage(store, service, clock, failedMessage),
        ),
    });
    const contracts = [...handlers, ...batchConsumers].map(({ contract }) => contract);
    return { consumer, batchConsumers: host, responders, contracts };
  }
}
