import type { Message } from '@waybill/message';
import { Asks } from './asks.ts';
import { BatchLoop } from './batch-loop.ts';
import { BatchRunner } from './batch-runner.ts';
import type { Listener } from './broker.ts';
import type { Brokers } from './brokers.ts';
import { Callers } from './callers.ts';
import { CautiousStart } from './cautious-start.ts';
import { type Clock, systemClock } from './clock.ts';
import type { DeadLetterHook } from './dead-letter-hook.ts';
import { checkGroups, groupsOf } from './groups.ts';
import type { Handler } from './handler.ts';
import { HeardHandlers } from './heard-handlers.ts';
import type { Taker } from './held-delivery.ts';
import { Intake } from './intake.ts';
import { type ConsumerObserver, silentObserver } from './observer.ts';
import { Ownership } from './ownership.ts';
import { ParkedKeys } from './parked-keys.ts';
import { ParkedTurns } from './parked-turns.ts';
import { Settlement } from './settlement.ts';
import { refName, type StateRef } from './state.ts';
import { StateCache } from './state-cache.ts';
import type { Transactions } from './storage.ts';
import type { CrashMarks, Loaded, ParkedRow, Relay, Store } from './store.ts';
import { Overloaded, type SubmitOptions, Submitter, Unavailable } from './submitter.ts';
import { checkTransactions, transact } from './transactional.ts';
import type { Work } from './work.ts';

export interface ConsumerOptions {
  readonly service: string;
  readonly store: Store;
  readonly relay: Relay;
  readonly brokers: Brokers;
  readonly handlers: readonly Handler[];
  /** What else is sent in the commit of a dead letter. */
  readonly deadLetterHooks?: readonly DeadLetterHook[];
  readonly clock?: Clock;
  readonly random?: () => number;
  readonly observer?: ConsumerObserver;
  /** Shards of groups that do not exist yet; default 4. */
  readonly shards?: number;
  /** The most messages in one transaction; default 200. */
  readonly batchSize?: number;
  /** Milliseconds that a batch which is not full waits for more messages; default 0. */
  readonly gather?: number;
  /** The most messages of a group that are in hand at once; default: what its broker has as its default. */
  readonly prefetch?: number;
  /** Milliseconds an unanswered ask keeps its place at the broker; default 2,000. */
  readonly parkAsksAfter?: number;
  /** Absent: a message that takes the process down is begun again each time. */
  readonly crashMarks?: CrashMarks;
  /** Needed by transactional handlers. */
  readonly transactions?: Transactions;
  /** Milliseconds since the epoch: brokers' messages with ids from before are dead letters; null: none are. */
  readonly oldest?: () => number | null;
  /** Milliseconds that callers' messages may have waited before newcomers are refused; default 250. */
  readonly admissionWait?: number;
}

const batchLimit = 200;
const defaultShards = 4;

/**
 * The group-commit loop of one service: takes what has queued while its last batch ran, decides it message by
 * message, writes inbox, states, events and outbox in one transaction, then acks. See docs/decisions/0002.
 */
export class Consumer extends Submitter {
  private readonly handlers: HeardHandlers;
  private readonly parkedKeys = new ParkedKeys();
  private readonly cache = new StateCache();
  private readonly intake: Intake;
  private readonly callers: Callers;
  private readonly ownership: Ownership;
  private readonly asks: Asks;
  private readonly runner: BatchRunner;
  private readonly caution: CautiousStart;
  private readonly loop: BatchLoop;
  private readonly turns: ParkedTurns;
  private readonly settlement: Settlement;
  private readonly subscribed = new Map<string, () => Promise<void>>();
  private stopping = false;

  constructor(private readonly options: ConsumerOptions) {
    super();
    const { service, store, relay } = options;
    const { clock = systemClock, observer = silentObserver, random = Math.random } = options;
    const { cache, parkedKeys } = this;
    const isOurs = (work: Work) => this.ownership.isOurs(work);
    const isStopping = () => this.stopping;
    const patiently = <T>(read: () => Promise<T>) => this.runner.patiently(read);
    checkTransactions(options.handlers, options.transactions);
    this.handlers = new HeardHandlers(service, options.handlers);
    checkGroups(service, options.handlers, (kind) => options.brokers.brokerFor(kind));
    this.caution = new CautiousStart(options.crashMarks);
    this.intake = new Intake({
      clock,
      handlers: this.handlers,
      oldest: () => options.oldest?.() ?? null,
    });
    this.callers = new Callers({
      service,
      clock,
      intake: this.intake,
      take: (work) => this.take(work),
    });
    this.ownership = new Ownership({
      store,
      clock,
      random,
      cache,
      parkedKeys,
      patiently,
      prepare: () => this.caution.open(),
      owned: () => void this.turns.poll(),
    });
    this.asks = new Asks({
      clock,
      parkAfter: options.parkAsksAfter ?? 2_000,
      load: (refs) => this.loadPatiently(refs),
      transact: (work) => transact(work, { transactions: options.transactions, clock }),
      mayAsk: (work) => isOurs(work) && !this.parksBehind(work),
      ready: (work) => this.loop.add(work),
    });
    this.runner = new BatchRunner({
      service,
      store,
      relay,
      deadLetterHooks: options.deadLetterHooks ?? [],
      clock,
      random,
      observer,
      cache,
      isOurs,
      isStopping,
      parkedOn: (keyId) => parkedKeys.on(keyId),
      lost: (fence) => this.ownership.lost(fence),
      settled: (result) => this.settlement.settled(result),
      dropped: (work) => this.settlement.dropped(work),
      buried: (letters) => options.brokers.buried(this.groups(), letters),
    });
    this.loop = new BatchLoop({
      clock,
      observer,
      batchSize: options.batchSize ?? batchLimit,
      gather: options.gather ?? 0,
      caution: this.caution,
      runner: this.runner,
      goesFirst: ({ group }) => this.handlers.isAwaited(group),
    });
    this.turns = new ParkedTurns({
      store,
      clock,
      observer,
      parkedKeys,
      groups: () => this.handlers.groups(),
      shardsOf: (group) => this.ownership.of(group),
      take: (row) => this.takeParked(row),
      miscounted: (group) => this.recount(group),
    });
    this.settlement = new Settlement({
      clock,
      observer,
      handlers: this.handlers,
      parkedKeys,
      turns: this.turns,
      asks: this.asks,
      loop: this.loop,
      isOurs,
      isStopping,
    });
  }

  /** The groups that this service declares at its brokers. */
  groups() {
    return groupsOf(
      this.options.service,
      this.options.handlers,
      this.options.shards ?? defaultShards,
    );
  }

  /** Subscribes every group; messages flow from here on. After a failure it may be called again. */
  async start(): Promise<void> {
    await this.caution.open();
    for (const group of this.groups()) {
      if (this.subscribed.has(group.name)) continue;
      const broker = this.options.brokers.brokerFor(group.kind);
      const listener = this.listener(group.name, broker.name);
      const { prefetch } = this.options;
      const end = await broker.subscribe(group.name, listener, prefetch ? { prefetch } : {});
      this.subscribed.set(group.name, end);
    }
    this.turns.start();
  }

  /** Takes nothing more, finishes the batch in hand, and gives back the rest. */
  async stop(): Promise<void> {
    this.stopping = true;
    this.turns.stop();
    this.ownership.stop();
    await this.loop.stop();
    await Promise.all([...this.subscribed.values()].map((end) => end()));
    await this.caution.close().catch(() => undefined);
    const left = this.loop.takeOut(() => true);
    for (const work of left) refuse(work, new Unavailable('this service is stopping'));
  }

  /** Parked messages were changed by somebody else: counts them, and looks for those that are due. */
  wake(): void {
    for (const group of this.handlers.groups()) this.recount(group);
    void this.turns.poll();
  }

  /** How many messages are in hand and not yet in a batch, and how long the first has waited. */
  backlog(): { readonly waiting: number; readonly oldestMs: number } {
    return this.loop.backlog();
  }

  submit<A>(message: Message, options: SubmitOptions = {}): Promise<A> {
    if (this.stopping) return Promise.reject(new Unavailable('this service is stopping'));
    const overload = this.overload();
    if (overload) return Promise.reject(overload);
    return this.callers.submit<A>(message, options);
  }

  override overload(): Overloaded | undefined {
    const { oldestMs } = this.backlog();
    return oldestMs > (this.options.admissionWait ?? 250) ? new Overloaded(oldestMs) : undefined;
  }

  private listener(group: string, broker: string): Listener {
    const from = { group, broker };
    const taker: Taker = (delivery, held, fence) =>
      this.take(this.intake.delivered(from, delivery, { held, fence }));
    return {
      assigned: (shards) => this.ownership.assigned(group, shards),
      revoked: (shards) => this.ownership.revoked(group, shards),
      deliver: (delivery) => this.ownership.hold(group, delivery, taker),
    };
  }

  private takeParked(row: ParkedRow): void {
    this.take(this.intake.parked(row, this.ownership.fenceOf(row.group, row.shard)));
  }

  private take(work: Work): void {
    if (!this.handlers.asks(work.group)) this.loop.add(work);
    else if (this.parksBehind(work) && !this.asks.hasNewcomers(work.keyId)) {
      work.behind = true;
      this.loop.add(work);
    } else this.asks.enter(work);
  }

  private parksBehind(work: Work): boolean {
    return work.origin.from === 'broker' && this.parkedKeys.on(work.keyId) > 0;
  }

  private recount(group: string): void {
    this.loop.betweenBatches(group, () => this.ownership.recount(group));
  }

  private async loadPatiently(refs: readonly StateRef[]): Promise<ReadonlyMap<string, Loaded>> {
    // Whom the outside is asked for must not be thought absent: an answer cannot be taken back by the commit.
    const known = new Map<string, Loaded>();
    const missing: StateRef[] = [];
    for (const ref of refs) {
      const cached = ref.table.shared ? undefined : this.cache.get(refName(ref));
      if (cached) known.set(refName(ref), cached);
      else missing.push(ref);
    }
    if (missing.length === 0) return known;
    const found = await this.runner.patiently(() => this.options.store.load(missing));
    this.cache.learn(missing, found);
    return new Map([...known, ...found]);
  }
}

function refuse(work: Work, error: unknown): void {
  if (work.origin.from === 'caller') work.origin.reject(error);
  if (work.origin.from === 'broker') work.origin.delivery.giveBack();
}
