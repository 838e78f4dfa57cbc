import { randomUUID } from 'node:crypto';
import { type Envelope, partitionOf } from '@waybill/message';
import {
  type Clock,
  type ConfirmedPage,
  type OutboxRow,
  type Relay,
  systemClock,
} from '@waybill/messaging';
import { Confirmed } from './confirmed.ts';
import { DueRows } from './due-rows.ts';
import { OtherWriters } from './other-writers.ts';
import {
  isReadable,
  type Offered,
  type OutboxPartition,
  OutboxPartitions,
  offeredOf,
  type Unreadable,
  type Waiting,
} from './outbox-partition.ts';
import { OutboxPartitionLeases, type OutboxPartitionName } from './outbox-partition-leases.ts';
import { OutboxPartitionReader } from './outbox-partition-reader.ts';
import type { OutboxRelayOptions } from './outbox-relay-options.ts';
import { type OutboxLag, OutboxTable } from './outbox-table.ts';
import { Publisher } from './publisher.ts';
import { RelayLags } from './relay-lags.ts';
import type { RelayStats } from './relay-stats.ts';
import { Timers } from './timers.ts';
import { Wakeup } from './wakeup.ts';

const outboxPartitionCount = 64;
/** The outbox partition of a key, for every broker. */
export const outboxPartitionOf = (key: string): number => partitionOf(key, outboxPartitionCount);
const leaseMs = 2_000;
const times = { renew: 500, poll: 1_000, forget: 2 };

/**
 * Publishes what batches have committed to the outbox: at least once, and per outbox partition in the order of the
 * sequence numbers, also after crashes. An outage of one broker stops only its own outbox partitions.
 */
export class OutboxRelay implements Relay {
  /** The name under which this process proves that it is alive, once the relay has started; new for each relay. */
  readonly owner = randomUUID();
  private readonly outboxPartitions = new OutboxPartitions();
  private readonly publisher: Publisher;
  private readonly confirmed: Confirmed;
  private readonly table: OutboxTable;
  private readonly leases: OutboxPartitionLeases;
  private readonly wakeup: Wakeup;
  private readonly others: OtherWriters;
  private readonly due: DueRows;
  private readonly reader: OutboxPartitionReader;
  private readonly clock: Clock;
  private readonly exclusive: boolean;
  private readonly window: number;
  private readonly maxWaiting: number;
  private readonly lags = new RelayLags();
  private readonly touched = new Set<OutboxPartition>();
  private readonly timers: Timers;
  private brokerNames: string[] = [];
  private surplus: OutboxPartitionName[] = [];
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
    this.leases = new OutboxPartitionLeases(options.pool, owner, outboxPartitionCount, leaseMs);
    this.confirmed = new Confirmed({
      table: this.table,
      outboxPartitions: this.outboxPartitions,
      timers: this.timers,
      now: () => this.now(),
      attempt: (doing, run) => this.attempt(doing, run),
    });
    this.due = new DueRows({
      timers: this.timers,
      now: () => this.now(),
      table: this.table,
      outboxPartitions: this.outboxPartitions,
      take: (outboxPartition, row) => this.takeDue(outboxPartition, row),
      attempt: (doing, run) => this.attempt(doing, run),
    });
    this.others = new OtherWriters({
      table: this.table,
      ours: () => this.outboxPartitions.owned(),
      take: (offered) => this.takeOwn(offered),
      found: (broker, row) => this.takeFound(broker, row),
      lostOutboxPartition: (broker, outboxPartition) =>
        this.lostOutboxPartition(broker, outboxPartition),
      left: (all) => this.leave(all),
      attempt: (doing, run) => this.attempt(doing, run),
      pause: (ms) => new Promise((resolve) => void this.clock.after(ms, resolve)),
    });
    this.reader = new OutboxPartitionReader({
      table: this.table,
      outboxPartitions: this.outboxPartitions,
      window: this.window,
      hasRoom: () => this.waiting < this.maxWaiting,
      isRunning: () => this.state === 'running',
      now: () => this.now(),
      leaseUntil: () => this.leaseUntil,
      queued: (outboxPartition, count) => this.queued(outboxPartition, count),
      stopAt: (outboxPartition, row) => this.stopAt(outboxPartition, row),
      pump: () => this.pump(),
      attempt: (doing, run) => this.attempt(doing, run),
    });
    this.wakeup = new Wakeup(
      options.pool,
      this.clock,
      owner,
      (seq) => this.others.received(seq),
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
    for (const { broker, lane: outboxPartition, seq } of rows)
      if (!this.outboxPartitions.of(broker, outboxPartition).owned) this.wakeup.tell(seq);
    this.others.received(Math.max(...rows.map(({ seq }) => seq)));
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
    for (const outboxPartition of this.outboxPartitions.owned()) this.rewind(outboxPartition);
    this.reader.read();
  }

  route(envelope: Envelope): {
    readonly broker: string;
    readonly outboxPartition: number;
    readonly own: boolean;
  } {
    const [broker, number] = [
      this.publisher.brokerOf(envelope.kind),
      outboxPartitionOf(envelope.key),
    ];
    const outboxPartition = this.outboxPartitions.of(broker, number);
    return {
      broker,
      outboxPartition: number,
      own: outboxPartition.owned && !outboxPartition.hasUnread,
    };
  }

  stats(): RelayStats {
    const outboxPartitions = this.outboxPartitions.owned();
    return {
      queued: this.waiting,
      inFlight: this.flying,
      confirmed: this.confirmed.size,
      outboxPartitions: outboxPartitions.length,
      behind: outboxPartitions.filter(({ hasUnread: behind }) => behind).length,
      paused: outboxPartitions.filter(({ paused }) => paused).length,
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
    const outboxPartitions = rows.map((row) =>
      this.outboxPartitions.of(broker, row.outboxPartition),
    );
    const room = this.waiting + rows.length <= this.maxWaiting;
    if (page && room && rows.every(({ seq }, i) => outboxPartitions[i]?.takes(seq))) {
      this.confirmed.hold(page);
      rows.forEach((row, i) => {
        outboxPartitions[i]?.queue.push(row);
        this.queued(outboxPartitions[i] as OutboxPartition, 1);
      });
      return;
    }
    rows.forEach((row, i) => {
      const outboxPartition = outboxPartitions[i] as OutboxPartition;
      this.take(outboxPartition, row);
      if (!outboxPartition.owned && !this.exclusive && this.state === 'running')
        this.wakeup.tell(row.seq);
    });
  }

  private takeFound(broker: string, row: Waiting | Unreadable): void {
    const outboxPartition = this.outboxPartitions.of(broker, row.outboxPartition);
    if (!outboxPartition.owned || this.confirmed.holds(row)) return;
    if (isReadable(row)) this.take(outboxPartition, row);
    else this.stopAt(outboxPartition, row);
  }

  private takeDue(outboxPartition: OutboxPartition, row: Waiting | Unreadable): void {
    if (!outboxPartition.owned || outboxPartition.hasUnread) return;
    if (this.confirmed.holds(row) || this.others.holdsUp(outboxPartition.broker, row)) return;
    if (!isReadable(row)) this.stopAt(outboxPartition, row);
    else if (outboxPartition.enqueue(row)) this.queued(outboxPartition, 1);
  }

  private take(outboxPartition: OutboxPartition, row: Waiting): void {
    if (outboxPartition.offer(row, this.waiting < this.maxWaiting)) this.queued(outboxPartition, 1);
  }

  /** What is not published in its turn goes back to the table, with all that follows it. */
  private leave(all: readonly Offered[]): void {
    for (const { broker, rows } of all)
      for (const outboxPartition of new Set(
        rows.map((row) => this.outboxPartitions.of(broker, row.outboxPartition)),
      ))
        this.rewind(outboxPartition);
  }

  private lostOutboxPartition(broker: string, number: number): void {
    const outboxPartition = this.outboxPartitions.of(broker, number);
    if (!outboxPartition.owned) return;
    outboxPartition.owned = false;
    this.rewind(outboxPartition);
  }

  private queued(outboxPartition: OutboxPartition, count: number): void {
    this.waiting += count;
    this.touch(outboxPartition);
  }

  /** Outbox partitions that change in one turn are published together. */
  private touch(outboxPartition: OutboxPartition): void {
    if (this.touched.size === 0) queueMicrotask(() => this.pump());
    this.touched.add(outboxPartition);
  }

  private pump(): void {
    const outboxPartitions = [...this.touched];
    this.touched.clear();
    if (this.state !== 'running') return;
    if (this.now() >= this.leaseUntil) {
      this.adopt([]);
      return;
    }
    const batches = new Map<string, Waiting[]>();
    let hungry = this.reader.starved;
    for (const outboxPartition of outboxPartitions) {
      const rows = outboxPartition.take(this.window);
      this.waiting -= rows.length;
      this.flying += rows.length;
      const batch = batches.get(outboxPartition.broker);
      if (batch) batch.push(...rows);
      else batches.set(outboxPartition.broker, rows);
      hungry ||= outboxPartition.wantsToRead(this.window);
    }
    for (const [broker, rows] of batches) {
      if (rows.length > 0) this.publisher.publish(broker, rows, this.settler(broker));
    }
    if (hungry) this.reader.read();
  }

  private settler(broker: string): (row: Waiting, error?: Error) => void {
    return (row, error) => {
      const outboxPartition = this.outboxPartitions.of(broker, row.outboxPartition);
      outboxPartition.inFlight -= 1;
      this.flying -= 1;
      if (error) this.refused(outboxPartition, row, error);
      else this.done(outboxPartition, row);
      if (this.flying === 0) this.whenLanded();
    };
  }

  private done(outboxPartition: OutboxPartition, row: Waiting): void {
    this.published += 1;
    this.lags.confirmed(row.seq);
    if (!outboxPartition.paused) outboxPartition.failures = 0;
    this.confirmed.add(outboxPartition.broker, row);
    this.touch(outboxPartition);
  }

  private refused(outboxPartition: OutboxPartition, row: Waiting, error: Error): void {
    this.failed += 1;
    this.confirmed.breakPageOf(row);
    outboxPartition.known.delete(row.seq);
    this.pause(outboxPartition, error);
  }

  /** The row cannot be published. Later rows must wait, because they may have the same key. */
  private stopAt(outboxPartition: OutboxPartition, { reason }: Unreadable): void {
    this.failed += 1;
    this.pause(outboxPartition, reason);
  }

  /** Stops the outbox partition and later restarts it from the table; the others continue. */
  private pause(outboxPartition: OutboxPartition, error: Error): void {
    this.rewind(outboxPartition);
    // A broker that closes along with this relay is no news: the row stays in the table.
    if (outboxPartition.paused || this.state === 'closing') return;
    this.options.onError?.(error, `publish to ${outboxPartition.broker}`);
    outboxPartition.paused = true;
    const random = this.options.random ?? Math.random;
    const delay = Math.min(5_000, 50 * 2 ** outboxPartition.failures) * (0.5 + random() / 2);
    outboxPartition.failures += 1;
    this.timers.after(
      `outbox partition ${outboxPartition.broker}/${outboxPartition.outboxPartition}`,
      delay,
      () => {
        outboxPartition.paused = false;
        this.reader.read();
      },
    );
  }

  private rewind(outboxPartition: OutboxPartition): void {
    for (const row of outboxPartition.queue) this.confirmed.breakPageOf(row);
    this.waiting -= outboxPartition.queue.length;
    outboxPartition.rewind();
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
      const { outboxPartitions, share } = await this.leases.renew(this.brokerNames, this.surplus);
      // Shorter than in the database, so that this process stops before another one starts.
      this.leaseUntil = asked + leaseMs - 250;
      this.surplus = outboxPartitions.slice(share);
      // A process that does not listen counts as dead, so it has lost its outbox partitions, whatever the renewal returned.
      this.adopt(this.wakeup.isListening ? outboxPartitions.slice(0, share) : []);
    });
    if (this.now() >= this.leaseUntil) this.adopt([]);
  }

  /** From now on, this process owns exactly these outbox partitions. */
  private adopt(names: readonly OutboxPartitionName[]): void {
    for (const outboxPartition of this.outboxPartitions.adopt(names)) this.rewind(outboxPartition);
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
