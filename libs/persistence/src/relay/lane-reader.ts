import { isReadable, type Lane, type Lanes, type Unreadable, type Waiting } from './lane.ts';
import type { OutboxTable } from './outbox-table.ts';

export interface LaneReaderOptions {
  readonly table: Pick<OutboxTable, 'read'>;
  readonly lanes: Lanes;
  /** Maximum number of unconfirmed messages per outbox partition. */
  readonly window: number;
  /** Whether memory has room for more messages. */
  readonly hasRoom: () => boolean;
  readonly isRunning: () => boolean;
  /** Milliseconds. */
  readonly now: () => number;
  /** Until when this process certainly owns its outbox partitions. */
  readonly leaseUntil: () => number;
  readonly queued: (lane: Lane, count: number) => void;
  readonly stopAt: (lane: Lane, row: Unreadable) => void;
  /** Publishes the queued messages. */
  readonly pump: () => void;
  readonly attempt: (doing: string, run: () => Promise<void>) => Promise<void>;
}

const rowsAtOnce = 1_000;

/** Reads rows from the table for outbox partitions that lack them. */
export class LaneReader {
  /** Outbox partitions could read, but memory has no room. */
  starved = false;
  private reading = false;
  private asked = false;

  constructor(private readonly options: LaneReaderOptions) {}

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
    const { lanes: all, window, hasRoom, isRunning, now } = this.options;
    for (;;) {
      const lanes = all.wanting(window);
      const leaseUntil = this.options.leaseUntil();
      this.starved = lanes.length > 0 && !hasRoom();
      if (lanes.length === 0 || this.starved || !isRunning() || now() >= leaseUntil) return;
      await this.readLanes(lanes, leaseUntil);
    }
  }

  private async readLanes(lanes: readonly Lane[], leaseUntil: number): Promise<void> {
    const { lanes: all, table, now, pump } = this.options;
    for (const lane of lanes) lane.beginRead();
    const found = await table.read(lanes, rowsAtOnce);
    // Without a lease the table returns no rows, which does not mean that there are none.
    if (now() >= leaseUntil) return;
    const byLane = new Map<Lane, (Waiting | Unreadable)[]>(lanes.map((lane) => [lane, []]));
    for (const { broker, row } of found) byLane.get(all.of(broker, row.lane))?.push(row);
    for (const [lane, rows] of byLane) this.endRead(lane, rows, found.length < rowsAtOnce);
    pump();
  }

  /** Rows before an unreadable one are published first. */
  private endRead(lane: Lane, rows: readonly (Waiting | Unreadable)[], all: boolean): void {
    const [first] = rows;
    if (first && !isReadable(first)) {
      this.options.stopAt(lane, first);
      return;
    }
    const end = rows.findIndex((row) => !isReadable(row));
    const before = lane.queue.length;
    lane.endRead(rows.slice(0, end < 0 ? rows.length : end).filter(isReadable), all && end < 0);
    this.options.queued(lane, lane.queue.length - before);
  }
}
