import { type Envelope, type Message, newId, seal, shardOf } from '@waybill/contracts';
import { Asks } from './asks.ts';
import { type Result, waits } from './batch-builder.ts';
import { BatchRunner } from './batch-runner.ts';
import type { Delivery, Listener } from './broker.ts';
import type { Brokers } from './brokers.ts';
import { CautiousStart } from './cautious-start.ts';
import { type Clock, systemClock } from './clock.ts';
import { checkGroups, groupsOf } from './groups.ts';
import type { Handler } from './handler.ts';
import { type ConsumerObserver, silentObserver } from './observer.ts';
import { ParkedKeys } from './parked-keys.ts';
import { Shards } from './shards.ts';
import { refName, type StateRef } from './state.ts';
import { StateCache } from './state-cache.ts';
import type { CrashMarks, Loaded, ParkedRow, Relay, Store } from './store.ts';
import { Overloaded, type SubmitOptions, Submitter, Unavailable } from './submitter.ts';
import { isTakenAgain, notAsked, readWork, type Work } from './work.ts';

export interface ConsumerOptions {
  readonly service: string;
  readonly store: Store;
  readonly relay: Relay;
  readonly brokers: Brokers;
  readonly handlers: readonly Handler[];
  readonly clock?: Clock;
  readonly random?: () => number;
  readonly observer?: ConsumerObserver;
  /** Shards of groups that do not exist yet; default 4. */
  readonly shards?: number;
  /** The most messages in one transaction; default 200. */
  readonly batchSize?: number;
  /** Milliseconds an unanswered ask keeps its place at the broker; default 2,000. */
  readonly parkAsksAfter?: number;
  /** Absent: a message that takes the process down is begun again each time. */
  readonly crashMarks?: CrashMarks;
  /** Milliseconds since the epoch: brokers' messages with ids from before are dead letters; null: none are. */
  readonly oldest?: () => number | null;
  /** Milliseconds that callers' messages may have waited before newcomers are refused; default 250. */
  readonly admissionWait?: number;
}

const pollEvery = 1_000;
const pollGrain = 50;
const batchLimit = 200;
const defaultShards = 4;

/**
 * The group-commit loop of one service: takes what has queued while its last batch ran, decides it message by
 * message, writes inbox, states, events and outbox in one transaction, then acks. See docs/decisions/0002.
 */
export class Consumer extends Submitter {
  private readonly clock: Clock;
  private readonly observer: ConsumerObserver;
  private readonly shards = new Shards();
  private readonly parkedKeys = new ParkedKeys();
  private readonly cache = new StateCache();
  private readonly asks: Asks;
  private readonly runner: BatchRunner;
  private readonly caution: CautiousStart;
  private readonly byGroup = new Map<string, Map<string, Handler>>();
  private readonly askingGroups = new Set<string>();
  private readonly inHand = new Set<string>();
  private readonly unsubscribe: (() => Promise<void>)[] = [];
  private readonly timers = new Set<() => void>();
  private readonly polls = new Set<number>();
  private ready: Work[] = [];
  private running: Promise<void> | null = null;
  private stopping = false;

  constructor(private readonly options: ConsumerOptions) {
    super();
    this.clock = options.clock ?? systemClock;
    this.observer = options.observer ?? silentObserver;
    this.caution = new CautiousStart(options.crashMarks);
    for (const handler of options.handlers) this.register(handler);
    checkGroups(options.service, options.handlers, (kind) => options.brokers.brokerFor(kind));
    this.asks = new Asks({
      clock: this.clock,
      parkAfter: options.parkAsksAfter ?? 2_000,
      load: (refs) => this.loadPatiently(refs),
      mayAsk: (work) => this.isOurs(work) && !this.parksBehind(work),
      ready: (work) => this.makeReady(work),
    });
    this.runner = new BatchRunner({
      service: options.service,
      store: options.store,
      relay: options.relay,
      clock: this.clock,
      random: options.random ?? Math.random,
      observer: this.observer,
      cache: this.cache,
      parkedOn: (keyId) => this.parkedKeys.on(keyId),
      isOurs: (work) => this.isOurs(work),
      settled: (result) => this.settled(result),
      dropped: (work) => this.dropped(work),
      isStopping: () => this.stopping,
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

  /** Subscribes every group; messages flow from here on. */
  async start(): Promise<void> {
    await this.caution.open();
    for (const group of this.groups()) {
      const broker = this.options.brokers.brokerFor(group.kind);
      this.unsubscribe.push(
        await broker.subscribe(group.name, this.listener(group.name, broker.name)),
      );
    }
    this.schedulePoll();
  }

  /** Takes nothing more, finishes the batch in hand, and gives back the rest. */
  async stop(): Promise<void> {
    this.stopping = true;
    for (const cancel of this.timers) cancel();
    await this.running?.catch(() => undefined);
    await Promise.all(this.unsubscribe.map((end) => end()));
    await this.caution.close().catch(() => undefined);
    for (const work of this.ready) this.refuse(work, new Unavailable('this service is stopping'));
    this.ready = [];
  }

  /** Looks for parked messages that are due, now rather than at the next poll. */
  wake(): void {
    void this.poll();
  }

  /** How many messages are in hand and not yet in a batch, and how long the first has waited. */
  backlog(): { readonly waiting: number; readonly oldestMs: number } {
    const first = this.ready[0];
    return {
      waiting: this.ready.length,
      oldestMs: first?.readyAt ? this.clock.now().getTime() - first.readyAt : 0,
    };
  }

  submit<A>(message: Message, options: SubmitOptions = {}): Promise<A> {
    if (this.stopping) return Promise.reject(new Unavailable('this service is stopping'));
    const { oldestMs } = this.backlog();
    if (oldestMs > (this.options.admissionWait ?? 250))
      return Promise.reject(new Overloaded(oldestMs));
    const envelope = this.sealLocal(message, options);
    return new Promise<A>((resolve, reject) => {
      const deadline = this.clock.after(options.deadline ?? 5_000, () =>
        reject(new Unavailable('the database did not answer in time')),
      );
      const work = this.localWork(message, envelope, {
        resolve: (answer) => {
          deadline();
          resolve(answer as A);
        },
        reject: (error) => {
          deadline();
          reject(error);
        },
      });
      this.take(work);
    });
  }

  private register(handler: Handler): void {
    const group = handler.options.group ?? this.options.service;
    const handlers = this.byGroup.get(group) ?? new Map<string, Handler>();
    if (handlers.has(handler.contract.type)) {
      throw new TypeError(`group ${group} has two handlers of ${handler.contract.type}`);
    }
    handlers.set(handler.contract.type, handler);
    this.byGroup.set(group, handlers);
    if (handler.options.ask) this.askingGroups.add(group);
  }

  private listener(group: string, broker: string): Listener {
    return {
      assigned: (shards) => this.assigned(group, shards),
      revoked: (shards) => this.shards.drop(group, shards),
      deliver: (delivery) => this.take(this.deliveredWork(group, broker, delivery)),
    };
  }

  /** Another owner may have written states and parked messages meanwhile: what is remembered counts no more. */
  private async assigned(group: string, shards: readonly number[]): Promise<void> {
    const { store, shards: all = defaultShards } = this.options;
    const fences = await this.patiently(() => store.own(group, shards));
    const counts = await this.patiently(() => store.parkedKeys(group, shards));
    this.cache.clear();
    this.parkedKeys.forget(
      (keyId) =>
        keyId.startsWith(`${group}/`) &&
        shards.includes(shardOf(keyId.slice(group.length + 1), all)),
    );
    this.parkedKeys.load(counts);
    this.shards.take(fences);
    this.wake();
  }

  private deliveredWork(group: string, broker: string, delivery: Delivery): Work {
    const now = this.clock.now();
    return readWork(
      {
        group,
        broker,
        channel: delivery.channel,
        body: delivery.body,
        shard: delivery.shard,
        firstAt: now.toISOString(),
        arrivedAt: now.getTime(),
        attempt: 0,
        expired: delivery.expired ?? false,
        ...(delivery.gaveUp === undefined ? {} : { gaveUp: delivery.gaveUp }),
        oldest: this.options.oldest?.() ?? null,
        origin: { from: 'broker', delivery },
      },
      this.byGroup.get(group) ?? new Map(),
    );
  }

  private parkedWork(row: ParkedRow): Work {
    const { group, channel, body, shard, firstAt, attempt } = row;
    const arrivedAt = this.clock.now().getTime();
    return readWork(
      {
        group,
        channel,
        body,
        shard,
        firstAt,
        attempt,
        arrivedAt,
        broker: 'parked',
        origin: { from: 'parked', row },
      },
      this.byGroup.get(group) ?? new Map(),
    );
  }

  private sealLocal(message: Message, options: SubmitOptions): Envelope {
    const now = this.clock.now();
    const id = options.id ?? newId(now);
    const cause = {
      id,
      correlationId: options.correlationId ?? id,
      traceparent: options.traceparent ?? null,
    };
    return {
      ...seal(message, { cause, source: this.options.service, now, name: 'local' }),
      id,
      causationId: null,
    };
  }

  private localWork(
    message: Message,
    envelope: Envelope,
    caller: { resolve(a: unknown): void; reject(e: unknown): void },
  ): Work {
    const handlers = [...this.byGroup].find(
      ([, known]) => known.get(envelope.type)?.contract === message.contract,
    );
    if (!handlers)
      throw new TypeError(`${this.options.service} has no handler of ${envelope.type}`);
    const [group, known] = handlers;
    return {
      group,
      envelope,
      channel: 'http',
      broker: 'http',
      body: '',
      shard: 0,
      data: message.data,
      handler: known.get(envelope.type) ?? null,
      keyId: `${group}/${envelope.key}`,
      firstAt: envelope.occurredAt,
      arrivedAt: this.clock.now().getTime(),
      origin: { from: 'caller', resolve: caller.resolve, reject: caller.reject },
      attempt: 0,
      attemptsBefore: undefined,
      fence: undefined,
      ask: notAsked,
      refusal: undefined,
      blame: undefined,
      readyAt: 0,
      seen: false,
      behind: false,
    };
  }

  private take(work: Work): void {
    work.fence = this.shards.fenceOf(work.group, work.shard);
    if (!this.askingGroups.has(work.group)) this.makeReady(work);
    else if (this.parksBehind(work) && !this.asks.hasNewcomers(work.keyId)) this.parkBehind(work);
    else this.asks.enter(work);
  }

  private isOurs({ origin, fence, group, shard }: Work): boolean {
    if (origin.from === 'caller') return true;
    return fence !== undefined && fence === this.shards.fenceOf(group, shard);
  }

  private parksBehind(work: Work): boolean {
    return work.origin.from === 'broker' && this.parkedKeys.on(work.keyId) > 0;
  }

  private parkBehind(work: Work): void {
    work.behind = true;
    this.makeReady(work);
  }

  private makeReady(work: Work): void {
    work.readyAt = this.clock.now().getTime();
    this.ready.push(work);
    if (!this.running && !this.stopping) this.running = this.run();
  }

  private async run(): Promise<void> {
    await Promise.resolve();
    while (this.ready.length > 0 && !this.stopping) {
      if (this.caution.isCautious()) await this.runAlone();
      else await this.runBatch(this.ready.splice(0, this.options.batchSize ?? batchLimit));
    }
    this.running = null;
  }

  private async runBatch(works: readonly Work[]): Promise<void> {
    const started = performance.now();
    await this.runner.run(works);
    this.observer.batch({ size: works.length, durationMs: performance.now() - started });
  }

  private async runAlone(): Promise<void> {
    const work = this.ready.shift();
    if (!work) return;
    await this.patiently(() => this.caution.begin(work));
    await this.runBatch([work]);
    await this.patiently(() => this.caution.end(work));
  }

  private settled(result: Result): void {
    const { work, outcome } = result;
    this.parkedKeys.change(work.keyId, result.parkedChange);
    if (work.envelope && outcome !== 'left' && outcome !== 'unasked') this.report(result);
    if (work.origin.from === 'broker' && outcome !== 'unasked') work.origin.delivery.ack();
    if (work.origin.from === 'caller') this.answer(result);
    if (work.origin.from === 'parked') this.inHand.delete(handName(work.origin.row));
    if (waits(result) && work.origin.from === 'parked') this.letGoBehind(work);
    if (this.askingGroups.has(work.group)) this.settledAsk(result);
    if (result.retryAt !== undefined) this.pollAt(result.retryAt);
    const parked = this.parkedKeys.on(work.keyId);
    if (isThrough(outcome) && parked > 0) this.drain(work);
    // Those it was to wait behind are through by now: nobody else would take it.
    else if (work.behind && parked === 1) this.drain(work);
  }

  private settledAsk(result: Result): void {
    const { work, outcome } = result;
    if (work.behind) return;
    if (outcome === 'unasked') this.asks.enter(work);
    else if (waits(result)) this.setBehind(this.asks.parked(work));
    else this.asks.done(work);
    if (result.asking) this.asks.whenAnswered(work, (settled) => this.answeredLate(settled));
  }

  /** Newcomers are parked behind the one that was; what is parked already is taken again when it is its turn. */
  private setBehind(works: readonly Work[]): void {
    for (const work of works) {
      if (work.origin.from === 'parked') this.inHand.delete(handName(work.origin.row));
      else if (work.origin.from === 'broker') this.parkBehind(work);
      else this.makeReady(work);
    }
  }

  /** The message waits in the database: those parked behind it must not be taken before it. */
  private letGoBehind({ keyId }: Work): void {
    const isBehind = (work: Work) => work.keyId === keyId && isTakenAgain(work);
    const behind = this.ready.filter(isBehind);
    if (behind.length === 0) return;
    this.ready = this.ready.filter((work) => !isBehind(work));
    for (const work of behind) this.setBehind([work, ...this.asks.parked(work)]);
  }

  private dropped(work: Work): void {
    if (work.origin.from === 'parked') {
      this.inHand.delete(handName(work.origin.row));
      this.letGoBehind(work);
      this.setBehind(this.asks.parked(work));
    } else this.asks.done(work);
  }

  /** Its ask settled after it was parked: it goes on from its parked row, with the answer in hand. */
  private answeredLate(work: Work): void {
    const { group, shard, channel, body, attempt, firstAt, envelope } = work;
    if (!envelope || this.stopping || !this.isOurs(work)) return;
    const row: ParkedRow = {
      group,
      shard,
      channel,
      body,
      attempt,
      firstAt,
      messageId: envelope.id,
      key: envelope.key,
      dueAt: null,
      reason: 'asking',
      error: null,
    };
    this.inHand.add(handName(row));
    this.makeReady({ ...work, origin: { from: 'parked', row } });
  }

  private report({ work, outcome }: Result): void {
    this.observer.finished({
      group: work.group,
      type: work.envelope?.type ?? 'unreadable',
      channel: work.channel,
      outcome: outcome as 'applied',
      attempt: work.attempt,
      durationMs: this.clock.now().getTime() - work.arrivedAt,
    });
  }

  private answer(result: Result): void {
    if (result.work.origin.from !== 'caller') return;
    if (result.error !== undefined) result.work.origin.reject(result.error);
    else result.work.origin.resolve(result.answer);
  }

  private refuse(work: Work, error: unknown): void {
    if (work.origin.from === 'caller') work.origin.reject(error);
    if (work.origin.from === 'broker') work.origin.delivery.giveBack();
  }

  /** The first of a key is through: those parked behind it may go, in their order. */
  private drain(work: Work): void {
    const key = work.envelope?.key;
    if (key === undefined) return;
    void this.options.store
      .parkedOf(work.group, key, batchLimit)
      .then((rows) => this.takeParked(this.upToWaiting(rows)))
      .catch((error: unknown) =>
        this.observer.trouble({ what: 'parked messages could not be read', error }),
      );
  }

  /** A message that is held, asking, not due yet or in hand keeps those behind it. */
  private upToWaiting(rows: readonly ParkedRow[]): readonly ParkedRow[] {
    const now = this.clock.now().getTime();
    const stop = rows.findIndex(
      (row) =>
        row.reason === 'held' ||
        row.reason === 'asking' ||
        (row.dueAt !== null && Date.parse(row.dueAt) > now) ||
        this.inHand.has(handName(row)),
    );
    return stop < 0 ? rows : rows.slice(0, stop);
  }

  private takeParked(rows: readonly ParkedRow[]): void {
    for (const row of rows) {
      const name = handName(row);
      if (this.inHand.has(name) || this.stopping) continue;
      this.inHand.add(name);
      this.take(this.parkedWork(row));
    }
  }

  private async poll(): Promise<void> {
    for (const group of this.byGroup.keys()) {
      const shards = this.shards.of(group);
      if (shards.length === 0 || this.stopping) continue;
      try {
        this.takeParked(await this.options.store.due(group, shards, batchLimit));
      } catch (error) {
        this.observer.trouble({ what: 'due messages could not be read', group, error });
      }
    }
  }

  private schedulePoll(): void {
    this.at(pollEvery, () => {
      void this.poll();
      this.schedulePoll();
    });
  }

  /** Retries that fall due at nearly the same moment are looked for once. */
  private pollAt(time: number): void {
    const together = Math.ceil(time / pollGrain) * pollGrain;
    const wait = together - this.clock.now().getTime();
    if (wait > 2 * pollEvery || this.polls.has(together)) return;
    this.polls.add(together);
    this.at(Math.max(1, wait), () => {
      this.polls.delete(together);
      void this.poll();
    });
  }

  private at(ms: number, run: () => void): void {
    if (this.stopping) return;
    const cancel = this.clock.after(ms, () => {
      this.timers.delete(cancel);
      run();
    });
    this.timers.add(cancel);
  }

  private async loadPatiently(refs: readonly StateRef[]): Promise<ReadonlyMap<string, Loaded>> {
    const missing = refs.filter((ref) => ref.table.shared || !this.cache.get(refName(ref)));
    const loaded = new Map(
      missing.length > 0 ? await this.patiently(() => this.options.store.load(missing)) : [],
    );
    for (const ref of refs) {
      const cached = ref.table.shared ? undefined : this.cache.get(refName(ref));
      if (cached) loaded.set(refName(ref), cached);
    }
    return loaded;
  }

  /** While the database is away, waits for it. */
  private patiently<T>(read: () => Promise<T>): Promise<T> {
    return this.runner.patiently(read);
  }
}

const handName = (row: Pick<ParkedRow, 'group' | 'messageId'>): string =>
  `${row.group}/${row.messageId}`;

/** The message will never be handled again, so those behind it may go. */
const isThrough = (outcome: Result['outcome']): boolean =>
  outcome === 'applied' || outcome === 'dead' || outcome === 'discarded';
