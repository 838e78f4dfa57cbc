import type { Message } from '@waybill/message';
import { BatchLoop } from './batch-loop.ts';
import { BatchRunner } from './batch-runner.ts';
import type { Group, Listener } from './broker.ts';
import type { Brokers } from './brokers.ts';
import { CautiousStart } from './cautious-start.ts';
import { type Clock, systemClock } from './clock.ts';
import { DeferredRows } from './deferred-rows.ts';
import { ExternalCalls } from './external-calls.ts';
import { checkGroups, groupsOf } from './groups.ts';
import type { DeadLetterHook, Handler, InjectedFaults } from './handler.ts';
import { HandlersByGroup } from './handlers-by-group.ts';
import { Intake } from './intake.ts';
import { KeyQueue } from './key-queue.ts';
import { type ConsumerObserver, silentObserver } from './observer.ts';
import { Ownership } from './ownership.ts';
import { PatientStore } from './patient-store.ts';
import { Ready } from './ready.ts';
import { Settlement } from './settlement.ts';
import { StateCache, StateReader } from './state-reader.ts';
import type { CrashMarks, Relay, Store, Transactions } from './store.ts';
import { Overloaded, type SubmitOptions, Submitter, Unavailable } from './submitter.ts';
import { Subscriptions } from './subscriptions.ts';
import type { Tracer } from './tracer.ts';
import { checkTransactions } from './transactional.ts';
import type { Work } from './work.ts';

export interface ConsumerOptions {
  readonly service: string;
  readonly store: Store;
  readonly relay: Relay;
  readonly brokers: Brokers;
  readonly handlers: readonly Handler[];
  /** Add messages to the commit of a dead letter. */
  readonly deadLetterHooks?: readonly DeadLetterHook[];
  readonly clock?: Clock;
  readonly random?: () => number;
  readonly observer?: ConsumerObserver;
  /** Partitions of groups that do not exist yet; default 4. */
  readonly partitions?: number;
  /** The most messages in one transaction; default 200. */
  readonly batchSize?: number;
  /** Milliseconds that a batch waits for more messages while it is not full; default 0. */
  readonly gather?: number;
  /** The most unsettled messages of a group; default: that of its broker. */
  readonly prefetch?: number;
  /** Milliseconds after which a message with a pending external call is deferred, unless its handler has a prefetch; default 2,000. */
  readonly deferCallsAfter?: number;
  /** Absent: a message that crashes the process is begun again each time. */
  readonly crashMarks?: CrashMarks;
  /** Required by transactional handlers. */
  readonly transactions?: Transactions;
  /** Milliseconds since the epoch: messages from brokers with older ids are dead-lettered; null: none are. */
  readonly oldest?: () => number | null;
  /** Lets operators make handlers of a group fail or wait. Absent or null: faults are not allowed. */
  readonly faults?: InjectedFaults | null;
  /** Records the processing of messages whose trace is recorded. Absent: nothing is recorded. */
  readonly tracer?: Tracer | undefined;
  /** Milliseconds that the first waiting message may have waited before `submit` refuses more; default 250. */
  readonly admissionWait?: number;
}

const batchLimit = 200;
const defaultPartitions = 4;

/**
 * The group-commit loop of one service: takes the messages that queued while its last batch ran, decides them
 * one by one, writes inbox, states, events and outbox in one transaction, then acks. See docs/decisions/0002.
 */
export class Consumer extends Submitter {
  private readonly handlers: HandlersByGroup;
  private readonly database: PatientStore;
  private readonly ready: Ready;
  private readonly intake: Intake;
  private readonly ownership: Ownership;
  private readonly rows: DeferredRows;
  private readonly settlement: Settlement;
  private readonly caution: CautiousStart;
  private readonly loop: BatchLoop;
  private readonly subscriptions: Subscriptions;

  /** Each part depends only on parts that are made before it. */
  constructor(private readonly options: ConsumerOptions) {
    super();
    const { service, store, relay, brokers, transactions, faults, tracer } = options;
    const { deadLetterHooks = [] } = options;
    const { clock = systemClock, observer = silentObserver, random = Math.random } = options;
    const { batchSize = batchLimit, gather = 0, deferCallsAfter: deferAfter = 2_000 } = options;
    checkTransactions(options.handlers, transactions);
    checkGroups(service, options.handlers, (kind) => brokers.brokerFor(kind));
    const handlers = new HandlersByGroup(service, options.handlers, faults);
    const database = new PatientStore(store, clock, observer);
    const caution = new CautiousStart(options.crashMarks);
    const cache = new StateCache();
    const states = new StateReader(database, cache);
    const ready = new Ready(clock, handlers);
    const queue = new KeyQueue(clock, handlers, ready);
    const calling = { deferAfter, transactions, faults, tracer };
    const calls = new ExternalCalls({ clock, queue, states, ...calling });
    const oldest = options.oldest ?? (() => null);
    const intake = new Intake({ service, clock, handlers, queue, calls, oldest, tracer });
    const held = { cache, queue, intake, caution, observer };
    const ownership = new Ownership({ database, clock, random, ...held });
    const groups = [...handlers.groups()];
    const rows = new DeferredRows({ store, clock, observer, queue, ownership, intake, groups });
    const settlement = new Settlement({ clock, observer, queue, calls, rows, tracer });
    const written = { service, clock, random, relay, deadLetterHooks, database, states, cache };
    const told = { observer, settlement, ownership, brokers, groups: this.groups() };
    const runner = new BatchRunner({ ...written, ...told, queue });
    const looping = { batchSize, gather, clock, observer, caution, tracer };
    this.loop = new BatchLoop({ ...looping, ready, database, ownership, runner });
    this.handlers = handlers;
    this.database = database;
    this.caution = caution;
    this.ready = ready;
    this.intake = intake;
    this.ownership = ownership;
    this.rows = rows;
    this.settlement = settlement;
    this.subscriptions = new Subscriptions(
      () => this.groups(),
      (group) => this.subscribe(group),
    );
  }

  /** The groups that this service declares at its brokers. */
  groups() {
    return groupsOf(
      this.options.service,
      this.options.handlers,
      this.options.partitions ?? defaultPartitions,
    );
  }

  /** Subscribes every group; messages flow from here on. May be called again after a failure. */
  async start(): Promise<void> {
    await this.caution.open();
    await this.subscriptions.start();
    this.rows.start();
  }

  /**
   * Consumes nothing of exactly these groups from now on, also no deferred messages; the brokers get back what was not
   * committed. Messages of callers are processed as before.
   */
  pause(groups: ReadonlySet<string>): Promise<void> {
    return this.subscriptions.pause(groups);
  }

  /** Takes nothing more, finishes the current batch, and gives back the rest. */
  async stop(): Promise<void> {
    this.database.isStopping = true;
    this.settlement.stop();
    this.rows.stop();
    this.ownership.stop();
    await this.loop.stop();
    await this.subscriptions.stop();
    await this.caution.close().catch(() => undefined);
    const left = this.ready.takeOut(() => true);
    for (const work of left) refuse(work, new Unavailable('this service is stopping'));
  }

  /** Call it after deferred messages were changed from outside: counts them again, and looks for due ones. */
  wake(): void {
    for (const group of this.handlers.groups()) this.ready.recountLater(group);
    void this.rows.poll();
  }

  /** How many messages are in no batch yet, and how long the first has waited. */
  backlog(): { readonly waiting: number; readonly oldestMs: number } {
    return this.ready.backlog();
  }

  submit<A>(message: Message, options: SubmitOptions = {}): Promise<A> {
    if (this.database.isStopping)
      return Promise.reject(new Unavailable('this service is stopping'));
    const overload = this.overload();
    if (overload) return Promise.reject(overload);
    return this.intake.submitted<A>(message, options);
  }

  override overload(): Overloaded | undefined {
    const { oldestMs } = this.backlog();
    return oldestMs > (this.options.admissionWait ?? 250) ? new Overloaded(oldestMs) : undefined;
  }

  private subscribe({ name, kind }: Group): Promise<() => Promise<void>> {
    const broker = this.options.brokers.brokerFor(kind);
    const prefetch = this.handlers.prefetchOf(name) ?? this.options.prefetch;
    return broker.subscribe(name, this.listener(name, broker.name), prefetch ? { prefetch } : {});
  }

  private listener(group: string, broker: string): Listener {
    const from = { group, broker };
    return {
      assigned: async (partitions) => {
        await this.ownership.assigned(group, partitions);
        void this.rows.poll();
      },
      revoked: (partitions) => this.ownership.revoked(group, partitions),
      deliver: (delivery) => this.ownership.hold(from, delivery),
    };
  }
}

function refuse(work: Work, error: unknown): void {
  if (work.origin.from === 'caller') work.origin.reject(error);
  if (work.origin.from === 'broker') work.origin.delivery.giveBack();
}
