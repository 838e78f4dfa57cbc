import { randomUUID } from 'node:crypto';
import { type Envelope, shardOf } from '@waybill/message';
import {
  type Clock,
  type ConfirmedPage,
  type OutboxRow,
  type Relay,
  systemClock,
} from '@waybill/messaging';
import { Confirmed } from './confirmed.ts';
import { DueRows } from './due-rows.ts';
import {
  isReadable,
  type Lane,
  Lanes,
  type Offered,
  offeredOf,
  type Unreadable,
  type Waiting,
} from './lane.ts';
import { LaneLeases, type LaneName } from './lane-leases.ts';
import { LaneReader } from './lane-reader.ts';
import { OtherWriters } from './other-writers.ts';
import type { OutboxRelayOptions } from './outbox-relay-options.ts';
import { type OutboxLag, OutboxTable } from './outbox-table.ts';
import { Publisher } from './publisher.ts';
import { RelayLags } from './relay-lags.ts';
import type { RelayStats } from './relay-stats.ts';
import { Timers } from './timers.ts';
import { Wakeup } from './wakeup.ts';

const laneCount = 64;
/** The outbox partition of a key, for every broker. */
export const laneOf = (key: string): number => shardOf(key, laneCount);
const leaseMs = 2_000;
const times = { renew: 500, poll: 1_000, forget: 2 };

/**
 * Publishes what batches have committed to the outbox: at least once, and per outbox partition in the order of the
 * sequence numbers, also after crashes. An outage of one broker stops only its own outbox partitions.
 */
export class OutboxRelay implements Relay {
  /** The name under which this process proves that it is alive, once the relay has started; new for each relay. */
  readonly owner = randomUUID();
  private readonly lanes = new Lanes();
  private readonly publisher: Publisher;
  private readonly confirmed: Confirmed;
  private readonly table: OutboxTable;
  private readonly leases: LaneLeases;
  private readonly wakeup: Wakeup;
  private readonly others: OtherWriters;
  private readonly due: DueRows;
  private readonly reader: LaneReader;
  private readonly clock: Clock;
  private readonly exclusive: boolean;
  private readonly window: number;
  private readonly maxWaiting: number;
  private readonly lags = new RelayLags();
  private readonly touched = new Set<Lane>();
  private readonly timers: Timers;
  private brokerNames: string[] = [];
  private surplus: LaneName[] = [];
  private leaseUntil = Number.POSITIVE_INFINITY;
  private waiting = 0;
  private flying = 0;
  private published = 0;
  private failed = 0;
  private polls = 0;
  private readonly attempts = new Set<Promise<void>>();
  private state: 'new' | 'running' | 'closing' = 'new';

  constructor(private readonly options: OutboxRelayOptions) {
    const { owner } = this;
    this.exclusive = options.exclusive ?? false;
    this.clock = options.clock ?? systemClock;
    this.timers = new Timers(this.clock);
    this.window = options.window ?? 1_000;
    this.maxWaiting = options.maxWaiting ?? 10_000;
    this.publisher = new Publisher(options.brokers);
    this.table = new OutboxTable(options.pool, owner, this.exclusive, () =>
      this.confirmed.heldPages(),
    );
    this.leases = new LaneLeases(options.pool, owner, laneCount, leaseMs);
    this.confirmed = new Confirmed({
      table: this.table,
      lanes: this.lanes,
      timers: this.timers,
      now: () => this.now(),
      attempt: (doing, run) => this.attempt(doing, run),
    });
    this.due = new DueRows({
      timers: this.timers,
      now: () => this.now(),
      table: this.table,
      lanes: this.lanes,
      take: (lane, row) => this.takeDue(lane, row),
      attempt: (doing, run) => this.attempt(doing, run),
    });
    this.others = new OtherWriters({
      table: this.table,
      ours: () => this.lanes.owned(),
      take: (offered) => this.takeOwn(offered),
      found: (broker, row) => this.takeFound(broker, row),
      lostLane: (broker, lane) => this.lostLane(broker, lane),
      left: (all) => this.leave(all),
      attempt: (doing, run) => this.attempt(doing, run),
      pause: (ms) => new Promise((resolve) => void this.clock.after(ms, resolve)),
    });
    this.reader = new LaneReader({
      table: this.table,
      lanes: this.lanes,
      window: this.window,
      hasRoom: () => this.waiting < this.maxWaiting,
      isRunning: () => this.state === 'running',
      now: () => this.now(),
      leaseUntil: () => this.leaseUntil,
      queued: (lane, count) => this.queued(lane, count),
      stopAt: (lane, row) => this.stopAt(lane, row),
      pump: () => this.pump(),
      attempt: (doing, run) => this.attempt(doing, run),
    });
    this.wakeup = new Wakeup(
      options.pool,
      this.clock,
      owner,
      (seq) => this.others.heard(seq),
      () => this.adopt([]),
    );
  }

  /**
   * Takes outbox partitions and publishes what the table holds; resolves when it owns them. May be called again after a
   * failure; has no effect while it runs.
   */
  async start(): Promise<void> {
    if (this.timers.has('poll')) return;
    const stored = await this.table.brokers();
    this.brokerNames = [...new Set([...this.publisher.names(), ...stored])].sort();
    this.state = 'running';
    if (this.exclusive) this.adopt(await this.leases.takeAll(this.brokerNames));
    else await this.join();
    this.reader.read();
    await this.due.collect();
    this.timers.repeat('poll', times.poll, () => this.poll());
    if (!this.exclusive) this.timers.repeat('renew', times.renew, () => this.renew());
  }

  offer(rows: readonly OutboxRow[], seqs: readonly number[]): void {
    const all = offeredOf(rows, seqs);
    for (const { dueAt, rows: told } of all)
      if (dueAt === null) for (const { seq } of told) this.lags.committed(seq);
    if (!this.exclusive) this.others.offer(all);
    else for (const each of all) this.takeOwn(each);
  }

  /** True if only this relay's own batches may write to the outbox. */
  get isExclusive(): boolean {
    return this.exclusive;
  }

  /** Transactions outside the batches have committed these rows. The relay reads them, and publishes them in commit order. */
  written(
    rows: readonly { readonly broker: string; readonly lane: number; readonly seq: number }[],
  ): void {
    // A relay reads all rows when it starts.
    if (rows.length === 0 || this.state !== 'running') return;
    for (const { broker, lane, seq } of rows)
      if (!this.lanes.of(broker, lane).owned) this.wakeup.tell(seq);
    this.others.heard(Math.max(...rows.map(({ seq }) => seq)));
  }

  announce(envelopes: readonly Envelope[]): void {
    this.publisher.announce(envelopes);
  }

  takeConfirmed(): readonly ConfirmedPage[] {
    return this.confirmed.take();
  }

  restore(confirmed: readonly ConfirmedPage[]): void {
    this.confirmed.restore(confirmed);
  }

  missed(): void {
    for (const lane of this.lanes.owned()) this.rewind(lane);
    this.reader.read();
  }

  route(envelope: Envelope): {
    readonly broker: string;
    readonly lane: number;
    readonly own: boolean;
  } {
    const [broker, number] = [this.publisher.brokerOf(envelope.kind), laneOf(envelope.key)];
    const lane = this.lanes.of(broker, number);
    return { broker, lane: number, own: lane.owned && !lane.behind };
  }

  stats(): RelayStats {
    const lanes = this.lanes.owned();
    return {
      queued: this.waiting,
      inFlight: this.flying,
      confirmed: this.confirmed.size,
      lanes: lanes.length,
      behind: lanes.filter(({ behind }) => behind).length,
      paused: lanes.filter(({ paused }) => paused).length,
      published: this.published,
      failed: this.failed,
      lost: this.publisher.lost,
    };
  }

  /** Milliseconds from commit to confirm of a sample of the rows that were confirmed since the last call. */
  takeLags(): readonly number[] {
    return this.lags.take();
  }

  /** How many rows wait in the table for each broker, and for how long. Reads the database. */
  lag(): Promise<OutboxLag[]> {
    return this.table.lag();
  }

  /** Stops publishing, waits at most `patienceMs` for messages in flight, and deletes confirmed rows. */
  async close(patienceMs = 2_000): Promise<void> {
    if (this.state !== 'running') return;
    this.state = 'closing';
    this.timers.close();
    await this.landed(patienceMs);
    // The pool closes after this relay, so none of its queries may still run.
    await Promise.all(this.attempts);
    await this.others.idle();
    await this.attempt('flush', () => this.confirmed.flush());
    await this.wakeup.close();
    await this.attempt('give back', () => this.leases.giveBack());
  }

  private landed(patienceMs: number): Promise<void> {
    if (this.flying === 0) return Promise.resolve();
    return new Promise((resolve) => {
      const forget = this.clock.after(patienceMs, resolve);
      this.whenLanded = () => {
        forget();
        resolve();
      };
    });
  }

  private whenLanded: () => void = () => {};

  private now(): number {
    return this.clock.now().getTime();
  }

  /** Proves that it is alive and listens before it takes outbox partitions, and finds the last number before it reads. */
  private async join(): Promise<void> {
    await this.wakeup.listen();
    await this.others.begin();
    await this.renew();
  }

  private takeOwn({ broker, rows, page, dueAt }: Offered): void {
    if (dueAt !== null) {
      this.due.wakeIn(Date.parse(dueAt) - this.now());
      return;
    }
    const lanes = rows.map((row) => this.lanes.of(broker, row.lane));
    const room = this.waiting + rows.length <= this.maxWaiting;
    if (page && room && rows.every(({ seq }, i) => lanes[i]?.takes(seq))) {
      this.confirmed.hold(page);
      rows.forEach((row, i) => {
        lanes[i]?.queue.push(row);
        this.queued(lanes[i] as Lane, 1);
      });
      return;
    }
    rows.forEach((row, i) => {
      const lane = lanes[i] as Lane;
      this.take(lane, row);
      if (!lane.owned && !this.exclusive && this.state === 'running') this.wakeup.tell(row.seq);
    });
  }

  private takeFound(broker: string, row: Waiting | Unreadable): void {
    const lane = this.lanes.of(broker, row.lane);
    if (!lane.owned || this.confirmed.holds(row)) return;
    if (isReadable(row)) this.take(lane, row);
    else this.stopAt(lane, row);
  }

  private takeDue(lane: Lane, row: Waiting | Unreadable): void {
    if (!lane.owned || lane.behind) return;
    if (this.confirmed.holds(row) || this.others.holdsUp(lane.broker, row)) return;
    if (!isReadable(row)) this.stopAt(lane, row);
    else if (lane.enqueue(row)) this.queued(lane, 1);
  }

  private take(lane: Lane, row: Waiting): void {
    if (lane.offer(row, this.waiting < this.maxWaiting)) this.queued(lane, 1);
  }

  /** What is not published in its turn goes back to the table, with all that follows it. */
  private leave(all: readonly Offered[]): void {
    for (const { broker, rows } of all)
      for (const lane of new Set(rows.map((row) => this.lanes.of(broker, row.lane))))
        this.rewind(lane);
  }

  private lostLane(broker: string, number: number): void {
    const lane = this.lanes.of(broker, number);
    if (!lane.owned) return;
    lane.owned = false;
    this.rewind(lane);
  }

  private queued(lane: Lane, count: number): void {
    this.waiting += count;
    this.touch(lane);
  }

  /** Outbox partitions that change in one turn are published together. */
  private touch(lane: Lane): void {
    if (this.touched.size === 0) queueMicrotask(() => this.pump());
    this.touched.add(lane);
  }

  private pump(): void {
    const lanes = [...this.touched];
    this.touched.clear();
    if (this.state !== 'running') return;
    if (this.now() >= this.leaseUntil) {
      this.adopt([]);
      return;
    }
    const batches = new Map<string, Waiting[]>();
    let hungry = this.reader.starved;
    for (const lane of lanes) {
      const rows = lane.take(this.window);
      this.waiting -= rows.length;
      this.flying += rows.length;
      const batch = batches.get(lane.broker);
      if (batch) batch.push(...rows);
      else batches.set(lane.broker, rows);
      hungry ||= lane.wantsToRead(this.window);
    }
    for (const [broker, rows] of batches) {
      if (rows.length > 0) this.publisher.publish(broker, rows, this.settler(broker));
    }
    if (hungry) this.reader.read();
  }

  private settler(broker: string): (row: Waiting, error?: Error) => void {
    return (row, error) => {
      const lane = this.lanes.of(broker, row.lane);
      lane.inFlight -= 1;
      this.flying -= 1;
      if (error) this.refused(lane, row, error);
      else this.done(lane, row);
      if (this.flying === 0) this.whenLanded();
    };
  }

  private done(lane: Lane, row: Waiting): void {
    this.published += 1;
    this.lags.confirmed(row.seq);
    if (!lane.paused) lane.failures = 0;
    this.confirmed.add(lane.broker, row);
    this.touch(lane);
  }

  private refused(lane: Lane, row: Waiting, error: Error): void {
    this.failed += 1;
    this.confirmed.breakPageOf(row);
    lane.known.delete(row.seq);
    this.pause(lane, error);
  }

  /** The row cannot be published. Later rows must wait, because they may have the same key. */
  private stopAt(lane: Lane, { reason }: Unreadable): void {
    this.failed += 1;
    this.pause(lane, reason);
  }

  /** Stops the outbox partition and later restarts it from the table; the others continue. */
  private pause(lane: Lane, error: Error): void {
    this.rewind(lane);
    // A broker that closes along with this relay is no news: the row stays in the table.
    if (lane.paused || this.state === 'closing') return;
    this.options.onError?.(error, `publish to ${lane.broker}`);
    lane.paused = true;
    const random = this.options.random ?? Math.random;
    const delay = Math.min(5_000, 50 * 2 ** lane.failures) * (0.5 + random() / 2);
    lane.failures += 1;
    this.timers.after(`lane ${lane.broker}/${lane.lane}`, delay, () => {
      lane.paused = false;
      this.reader.read();
    });
  }

  private rewind(lane: Lane): void {
    for (const row of lane.queue) this.confirmed.breakPageOf(row);
    this.waiting -= lane.queue.length;
    lane.rewind();
  }

  private async poll(): Promise<void> {
    this.polls += 1;
    if (this.polls % times.forget === 0) this.confirmed.forgetTaken();
    this.reader.read();
    await this.due.collect();
  }

  private async renew(): Promise<void> {
    await this.attempt('renew the lease', async () => {
      await this.wakeup.listen();
      const asked = this.now();
      const { lanes, share } = await this.leases.renew(this.brokerNames, this.surplus);
      // Shorter than in the database, so that this process stops before another one starts.
      this.leaseUntil = asked + leaseMs - 250;
      this.surplus = lanes.slice(share);
      // A process that does not listen counts as dead, so it has lost its outbox partitions, whatever the renewal returned.
      this.adopt(this.wakeup.isListening ? lanes.slice(0, share) : []);
    });
    if (this.now() >= this.leaseUntil) this.adopt([]);
  }

  /** From now on, this process owns exactly these outbox partitions. */
  private adopt(names: readonly LaneName[]): void {
    for (const lane of this.lanes.adopt(names)) this.rewind(lane);
    this.reader.read();
  }

  /** An error never ends a relay: its rows are safe in the table, and the next poll retries. */
  private async attempt(doing: string, run: () => Promise<void>): Promise<void> {
    const attempt = run().catch((error: unknown) => this.options.onError?.(error, doing));
    this.attempts.add(attempt);
    await attempt;
    this.attempts.delete(attempt);
  }
}
