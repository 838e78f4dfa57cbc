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
import { OutboxPartitions, offeredOf } from './outbox-partition.ts';
import { OutboxPartitionLeases, type OutboxPartitionName } from './outbox-partition-leases.ts';
import { OutboxPartitionReader } from './outbox-partition-reader.ts';
import { OutboxQueues } from './outbox-queues.ts';
import type { OutboxRelayOptions, RelayStats } from './outbox-relay-options.ts';
import { type OutboxLag, OutboxTable } from './outbox-table.ts';
import { Publisher } from './publisher.ts';
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
  private readonly clock: Clock;
  private readonly timers: Timers;
  private readonly publisher: Publisher;
  private readonly confirmed: Confirmed;
  private readonly queues: OutboxQueues;
  private readonly table: OutboxTable;
  private readonly leases: OutboxPartitionLeases;
  private readonly wakeup: Wakeup;
  private readonly others: OtherWriters;
  private readonly due: DueRows;
  private readonly reader: OutboxPartitionReader;
  private readonly exclusive: boolean;
  private brokerNames: string[] = [];
  private surplus: OutboxPartitionName[] = [];
  private leaseUntil = Number.POSITIVE_INFINITY;
  private polls = 0;
  private readonly attempts = new Set<Promise<void>>();
  private state: 'new' | 'running' | 'closing' = 'new';

  constructor(private readonly options: OutboxRelayOptions) {
    this.clock = options.clock ?? systemClock;
    this.timers = new Timers(this.clock);
    const { owner, outboxPartitions, timers, clock } = this;
    this.exclusive = options.exclusive ?? false;
    this.publisher = new Publisher(options.brokers, options.tracer);
    this.table = new OutboxTable(options.pool, owner, this.exclusive, () =>
      this.confirmed.heldPages(),
    );
    this.leases = new OutboxPartitionLeases(options.pool, owner, outboxPartitionCount, leaseMs);
    const shared = {
      table: this.table,
      outboxPartitions,
      timers,
      clock,
      now: () => this.now(),
      read: () => this.reader.read(),
      attempt: (doing: string, run: () => Promise<void>) => this.attempt(doing, run),
    };
    this.confirmed = new Confirmed(shared);
    this.queues = new OutboxQueues({ ...shared, ...this.partsOfQueues() });
    const { queues } = this;
    this.due = new DueRows({
      ...shared,
      take: (outboxPartition, row) => queues.takeDue(outboxPartition, row),
    });
    this.others = new OtherWriters({
      ...shared,
      ours: () => outboxPartitions.owned(),
      take: (offered) => queues.takeOwn(offered),
      found: (broker, row) => queues.takeFound(broker, row),
      lostOutboxPartition: (broker, number) => queues.lostOutboxPartition(broker, number),
      left: (all) => queues.leave(all),
      pause: (ms) => new Promise((resolve) => void clock.after(ms, resolve)),
    });
    this.reader = new OutboxPartitionReader({
      ...shared,
      window: queues.window,
      hasRoom: () => queues.hasRoomFor(1),
      isRunning: () => this.state === 'running',
      leaseUntil: () => this.leaseUntil,
      queued: (outboxPartition, count) => queues.queued(outboxPartition, count),
      stopAt: (outboxPartition, row) => queues.stopAt(outboxPartition, row),
      pump: () => queues.pump(),
    });
    this.wakeup = new Wakeup(
      options.pool,
      clock,
      owner,
      (seq) => this.others.received(seq),
      () => this.adopt([]),
    );
  }

  private partsOfQueues() {
    const { publisher, confirmed, options } = this;
    return {
      publisher,
      confirmed,
      options,
      state: () => this.state,
      hasLease: () => this.hasLease(),
      isStarved: () => this.reader.starved,
      wakeIn: (ms: number) => this.due.wakeIn(ms),
      isHeldUp: (...row: Parameters<OtherWriters['holdsUp']>) => this.others.holdsUp(...row),
      tellOwner: (seq: number) => this.wakeup.tell(seq),
    };
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
    // The first read must find what a killed predecessor was committing.
    if (this.exclusive) await this.others.earlierEnded();
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
      if (dueAt === null) for (const { seq } of told) this.queues.committed(seq);
    if (!this.exclusive) this.others.offer(all);
    else for (const each of all) this.queues.takeOwn(each);
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
    for (const outboxPartition of this.outboxPartitions.owned())
      this.queues.rewind(outboxPartition);
    this.reader.read();
  }

  route(envelope: Envelope): {
    readonly broker: string;
    readonly outboxPartition: number;
    readonly own: boolean;
    readonly largest: number;
  } {
    const { name: broker, largest } = this.publisher.brokerOf(envelope.kind);
    const number = outboxPartitionOf(envelope.key);
    const outboxPartition = this.outboxPartitions.of(broker, number);
    return {
      broker,
      largest,
      outboxPartition: number,
      own: outboxPartition.owned && !outboxPartition.hasUnread,
    };
  }

  stats(): RelayStats {
    const outboxPartitions = this.outboxPartitions.owned();
    return {
      ...this.queues.stats(),
      confirmed: this.confirmed.size,
      outboxPartitions: outboxPartitions.length,
      behind: outboxPartitions.filter(({ hasUnread: behind }) => behind).length,
      paused: outboxPartitions.filter(({ paused }) => paused).length,
    };
  }

  /** Milliseconds from commit to confirm of a sample of the rows that were confirmed since the last call. */
  takeLags(): readonly number[] {
    return this.queues.takeLags();
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
    await this.queues.landed(patienceMs);
    // The pool closes after this relay, so none of its queries may still run.
    await Promise.all(this.attempts);
    await this.others.idle();
    await this.attempt('flush', () => this.confirmed.flush());
    await this.wakeup.close();
    await this.attempt('give back', () => this.leases.giveBack());
  }

  private now(): number {
    return this.clock.now().getTime();
  }

  /** Proves that it is alive and listens before it takes outbox partitions, and finds the last number before it reads. */
  private async join(): Promise<void> {
    await this.wakeup.listen();
    await this.others.begin();
    await this.renew();
  }

  /** Gives up every outbox partition when the lease is over. */
  private hasLease(): boolean {
    if (this.now() < this.leaseUntil) return true;
    this.adopt([]);
    return false;
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
    this.hasLease();
  }

  /** From now on, this process owns exactly these outbox partitions. */
  private adopt(names: readonly OutboxPartitionName[]): void {
    for (const outboxPartition of this.outboxPartitions.adopt(names))
      this.queues.rewind(outboxPartition);
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
