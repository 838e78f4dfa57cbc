import {
  isReadable,
  type OutboxPartition,
  type OutboxPartitions,
  type Unreadable,
  type Waiting,
} from './outbox-partition.ts';
import type { OutboxTable } from './outbox-table.ts';

export interface OutboxPartitionReaderOptions {
  readonly table: Pick<OutboxTable, 'read'>;
  readonly outboxPartitions: OutboxPartitions;
  /** Maximum number of unconfirmed messages per outbox partition. */
  readonly window: number;
  /** Whether memory has room for more messages. */
  readonly hasRoom: () => boolean;
  readonly isRunning: () => boolean;
  /** Milliseconds. */
  readonly now: () => number;
  /** Until when this process certainly owns its outbox partitions. */
  readonly leaseUntil: () => number;
  readonly queued: (outboxPartition: OutboxPartition, count: number) => void;
  readonly stopAt: (outboxPartition: OutboxPartition, row: Unreadable) => void;
  /** Publishes the queued messages. */
  readonly pump: () => void;
  readonly attempt: (doing: string, run: () => Promise<void>) => Promise<void>;
}

const rowsAtOnce = 1_000;

/** Reads rows from the table for outbox partitions that lack them. */
export class OutboxPartitionReader {
  /** Outbox partitions could read, but memory has no room. */
  starved = false;
  private reading = false;
  private asked = false;

  constructor(private readonly options: OutboxPartitionReaderOptions) {}

  /** A call during a read causes another read. After a failure, the next poll reads again. */
  read(): void {
    this.asked = true;
    if (this.reading || !this.options.isRunning()) return;
    this.reading = true;
    void this.options
      .attempt('read the outbox', async () => {
        while (this.asked) {
          this.asked = false;
          await this.readAll();
        }
      })
      .then(() => {
        this.reading = false;
        if (this.asked) this.read();
      });
  }

  private async readAll(): Promise<void> {
    const { outboxPartitions: all, window, hasRoom, isRunning, now } = this.options;
    for (;;) {
      const outboxPartitions = all.wanting(window);
      const leaseUntil = this.options.leaseUntil();
      this.starved = outboxPartitions.length > 0 && !hasRoom();
      if (outboxPartitions.length === 0 || this.starved || !isRunning() || now() >= leaseUntil)
        return;
      await this.readOutboxPartitions(outboxPartitions, leaseUntil);
    }
  }

  private async readOutboxPartitions(
    outboxPartitions: readonly OutboxPartition[],
    leaseUntil: number,
  ): Promise<void> {
    const { outboxPartitions: all, table, now, pump } = this.options;
    for (const outboxPartition of outboxPartitions) outboxPartition.beginRead();
    const found = await table.read(outboxPartitions, rowsAtOnce);
    // Without a lease the table returns no rows, which does not mean that there are none.
    if (now() >= leaseUntil) return;
    const byOutboxPartition = new Map<OutboxPartition, (Waiting | Unreadable)[]>(
      outboxPartitions.map((outboxPartition) => [outboxPartition, []]),
    );
    for (const { broker, row } of found)
      byOutboxPartition.get(all.of(broker, row.outboxPartition))?.push(row);
    for (const [outboxPartition, rows] of byOutboxPartition)
      this.endRead(outboxPartition, rows, found.length < rowsAtOnce);
    pump();
  }

  /** Rows before an unreadable one are published first. */
  private endRead(
    outboxPartition: OutboxPartition,
    rows: readonly (Waiting | Unreadable)[],
    all: boolean,
  ): void {
    const [first] = rows;
    if (first && !isReadable(first)) {
      this.options.stopAt(outboxPartition, first);
      return;
    }
    const end = rows.findIndex((row) => !isReadable(row));
    const before = outboxPartition.queue.length;
    outboxPartition.endRead(
      rows.slice(0, end < 0 ? rows.length : end).filter(isReadable),
      all && end < 0,
    );
    this.options.queued(outboxPartition, outboxPartition.queue.length - before);
  }
}
