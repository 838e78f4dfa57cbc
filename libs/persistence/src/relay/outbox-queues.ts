import type { Clock } from '@waybill/messaging';
import type { Confirmed } from './confirmed.ts';
import {
  isReadable,
  type Offered,
  type OutboxPartition,
  type OutboxPartitions,
  type Unreadable,
  type Waiting,
} from './outbox-partition.ts';
import type { OutboxRelayOptions, RelayStats } from './outbox-relay-options.ts';
import type { Publisher } from './publisher.ts';
import type { Timers } from './timers.ts';

/** One row in eight is measured, which is representative of all. */
const oneOf = 8;
const most = 10_000;
/** Milliseconds. */
const together = 1_000;

interface QueuesParts {
  readonly publisher: Publisher;
  readonly confirmed: Confirmed;
  readonly outboxPartitions: OutboxPartitions;
  readonly timers: Timers;
  readonly clock: Clock;
  readonly options: OutboxRelayOptions;
  readonly state: () => 'new' | 'running' | 'closing';
  readonly hasLease: () => boolean;
  /** Whether the table has rows for which there was no room. */
  readonly isStarved: () => boolean;
  readonly read: () => void;
  /** Messages fall due in `ms`. */
  readonly wakeIn: (ms: number) => void;
  /** Whether the row waits for an earlier one of another writer. */
  readonly isHeldUp: (broker: string, row: Waiting | Unreadable) => boolean;
  /** Another process owns the outbox partition of this row. */
  readonly tellOwner: (seq: number) => void;
}

/**
 * Queues the messages of the outbox partitions that this process owns, and publishes them in turn. A refusal pauses its outbox partition, which is then
 * read again from the table, because later rows may have the same key.
 */
export class OutboxQueues {
  /** The maximum number of messages of an outbox partition that wait for their confirm. */
  readonly window: number;
  private readonly maxWaiting: number;
  private readonly lags = new RelayLags();
  private readonly touched = new Set<OutboxPartition>();
  /** By the moment when they resume. */
  private readonly paused = new Map<number, readonly OutboxPartition[]>();
  private waiting = 0;
  private flying = 0;
  private published = 0;
  private failed = 0;
  private whenLanded: () => void = () => {};

  constructor(private readonly parts: QueuesParts) {
    this.window = parts.options.window ?? 1_000;
    this.maxWaiting = parts.options.maxWaiting ?? 10_000;
  }

  hasRoomFor(count: number): boolean {
    return this.waiting + count <= this.maxWaiting;
  }

  stats(): Pick<RelayStats, 'queued' | 'inFlight' | 'published' | 'failed' | 'lost'> {
    return {
      queued: this.waiting,
      inFlight: this.flying,
      published: this.published,
      failed: this.failed,
      lost: this.parts.publisher.lost,
    };
  }

  committed(seq: number): void {
    this.lags.committed(seq);
  }

  takeLags(): readonly number[] {
    return this.lags.take();
  }

  /** Resolves when nothing waits for its confirm, after `patienceMs` at the latest. */
  landed(patienceMs: number): Promise<void> {
    if (this.flying === 0) return Promise.resolve();
    return new Promise((resolve) => {
      const forget = this.parts.clock.after(patienceMs, resolve);
      this.whenLanded = () => {
        forget();
        resolve();
      };
    });
  }

  takeOwn({ broker, rows, page, dueAt }: Offered): void {
    if (dueAt !== null) {
      this.parts.wakeIn(Date.parse(dueAt) - this.parts.clock.now().getTime());
      return;
    }
    const outboxPartitions = rows.map((row) =>
      this.parts.outboxPartitions.of(broker, row.outboxPartition),
    );
    const room = this.hasRoomFor(rows.length);
    if (page && room && rows.every(({ seq }, i) => outboxPartitions[i]?.takes(seq))) {
      this.parts.confirmed.hold(page);
      rows.forEach((row, i) => {
        outboxPartitions[i]?.queue.push(row);
        this.queued(outboxPartitions[i] as OutboxPartition, 1);
      });
      return;
    }
    rows.forEach((row, i) => {
      const outboxPartition = outboxPartitions[i] as OutboxPartition;
      this.take(outboxPartition, row);
      if (
        !outboxPartition.owned &&
        !this.parts.options.exclusive &&
        this.parts.state() === 'running'
      )
        this.parts.tellOwner(row.seq);
    });
  }

  takeFound(broker: string, row: Waiting | Unreadable): void {
    const outboxPartition = this.parts.outboxPartitions.of(broker, row.outboxPartition);
    if (!outboxPartition.owned || this.parts.confirmed.holds(row)) return;
    if (isReadable(row)) this.take(outboxPartition, row);
    else this.stopAt(outboxPartition, row);
  }

  takeDue(outboxPartition: OutboxPartition, row: Waiting | Unreadable): void {
    if (!outboxPartition.owned || outboxPartition.hasUnread) return;
    if (this.parts.confirmed.holds(row) || this.parts.isHeldUp(outboxPartition.broker, row)) return;
    if (!isReadable(row)) this.stopAt(outboxPartition, row);
    else if (outboxPartition.enqueue(row)) this.queued(outboxPartition, 1);
  }

  private take(outboxPartition: OutboxPartition, row: Waiting): void {
    if (outboxPartition.offer(row, this.hasRoomFor(1))) this.queued(outboxPartition, 1);
  }

  /** What is not published in its turn goes back to the table, with all that follows it. */
  leave(all: readonly Offered[]): void {
    for (const { broker, rows } of all)
      for (const outboxPartition of new Set(
        rows.map((row) => this.parts.outboxPartitions.of(broker, row.outboxPartition)),
      ))
        this.rewind(outboxPartition);
  }

  lostOutboxPartition(broker: string, number: number): void {
    const outboxPartition = this.parts.outboxPartitions.of(broker, number);
    if (!outboxPartition.owned) return;
    outboxPartition.owned = false;
    this.rewind(outboxPartition);
  }

  /** `count` messages more are in the partition's queue. */
  queued(outboxPartition: OutboxPartition, count: number): void {
    this.waiting += count;
    this.touch(outboxPartition);
  }

  /** Outbox partitions that change in one turn are published together. */
  private touch(outboxPartition: OutboxPartition): void {
    if (this.touched.size === 0) queueMicrotask(() => this.pump());
    this.touched.add(outboxPartition);
  }

  /** Publishes what is queued in partitions that changed, each broker's messages together. */
  pump(): void {
    const outboxPartitions = [...this.touched];
    this.touched.clear();
    if (this.parts.state() !== 'running' || !this.parts.hasLease()) return;
    const batches = new Map<string, Waiting[]>();
    let hungry = this.parts.isStarved();
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
      if (rows.length > 0) this.parts.publisher.publish(broker, rows, this.settler(broker));
    }
    if (hungry) this.parts.read();
  }

  private settler(broker: string): (row: Waiting, error?: Error) => void {
    return (row, error) => {
      const outboxPartition = this.parts.outboxPartitions.of(broker, row.outboxPartition);
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
    this.parts.confirmed.add(outboxPartition.broker, row);
    this.touch(outboxPartition);
  }

  private refused(outboxPartition: OutboxPartition, row: Waiting, error: Error): void {
    this.failed += 1;
    this.parts.confirmed.breakPageOf(row);
    outboxPartition.known.delete(row.seq);
    this.pause(outboxPartition, error);
  }

  /** The row cannot be published. Later rows must wait, because they may have the same key. */
  stopAt(outboxPartition: OutboxPartition, { reason }: Unreadable): void {
    this.failed += 1;
    this.pause(outboxPartition, reason);
  }

  /** Stops the outbox partition and later restarts it from the table; the others continue. */
  private pause(outboxPartition: OutboxPartition, error: Error): void {
    this.rewind(outboxPartition);
    // A broker that closes along with this relay is no news: the row stays in the table.
    if (outboxPartition.paused || this.parts.state() === 'closing') return;
    this.parts.options.onError?.(error, `publish to ${outboxPartition.broker}`);
    outboxPartition.paused = true;
    const random = this.parts.options.random ?? Math.random;
    const delay = Math.min(5_000, 50 * 2 ** outboxPartition.failures) * (0.5 + random() / 2);
    outboxPartition.failures += 1;
    this.resumeIn(delay, outboxPartition);
  }

  /** Partitions that pause for long resume together at full seconds, because each time costs a read of the table. */
  private resumeIn(ms: number, outboxPartition: OutboxPartition): void {
    const now = this.parts.clock.now().getTime();
    const at = ms < together ? now + ms : Math.ceil((now + ms) / together) * together;
    const waiting = this.paused.get(at);
    this.paused.set(at, [...(waiting ?? []), outboxPartition]);
    if (waiting) return;
    this.parts.timers.after(`outbox partitions paused until ${at}`, at - now, () => {
      for (const each of this.paused.get(at) ?? []) each.paused = false;
      this.paused.delete(at);
      this.parts.read();
    });
  }

  /** What is queued is read again from the table. */
  rewind(outboxPartition: OutboxPartition): void {
    for (const row of outboxPartition.queue) this.parts.confirmed.breakPageOf(row);
    this.waiting -= outboxPartition.queue.length;
    outboxPartition.rewind();
  }
}

/** Measures how long rows take from commit to the broker's confirm. */
class RelayLags {
  private readonly since = new Map<number, number>();
  private lags: number[] = [];

  committed(seq: number): void {
    if (seq % oneOf === 0 && this.since.size < most) this.since.set(seq, performance.now());
  }

  confirmed(seq: number): void {
    const since = this.since.get(seq);
    if (since === undefined) return;
    this.since.delete(seq);
    if (this.lags.length < most) this.lags.push(performance.now() - since);
  }

  /** Milliseconds for rows that were confirmed since the last call. */
  take(): readonly number[] {
    const taken = this.lags;
    this.lags = [];
    return taken;
  }
}
