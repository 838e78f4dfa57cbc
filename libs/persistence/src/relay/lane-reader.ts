import { isReadable, type Lane, type Lanes, type Unreadable, type Waiting } from './lane.ts';
import type { OutboxTable } from './outbox-table.ts';

export interface LaneReaderOptions {
  readonly table: Pick<OutboxTable, 'read'>;
  readonly lanes: Lanes;
  /** Messages that may be unconfirmed in one lane. */
  readonly window: number;
  /** Whether memory holds any more messages. */
  readonly hasRoom: () => boolean;
  readonly isRunning: () => boolean;
  /** Milliseconds. */
  readonly now: () => number;
  /** Until when the lanes are surely ours. */
  readonly leaseUntil: () => number;
  readonly queued: (lane: Lane, count: number) => void;
  readonly stopAt: (lane: Lane, row: Unreadable) => void;
  /** Publishes what was queued. */
  readonly pump: () => void;
  readonly attempt: (doing: string, run: () => Promise<void>) => Promise<void>;
}

const rowsAtOnce = 1_000;

/** Reads from the table what lanes lack. */
export class LaneReader {
  /** Lanes could read, but there is no room in memory. */
  starved = false;
  private reading = false;
  private asked = false;

  constructor(private readonly options: LaneReaderOptions) {}

  /** Asked again while it reads, it goes on. After a failure the poll asks again. */
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
    // Without a lease the table shows nothing: that does not mean that there is nothing.
    if (now() >= leaseUntil) return;
    const byLane = new Map<Lane, (Waiting | Unreadable)[]>(lanes.map((lane) => [lane, []]));
    for (const { broker, row } of found) byLane.get(all.of(broker, row.lane))?.push(row);
    for (const [lane, rows] of byLane) this.endRead(lane, rows, found.length < rowsAtOnce);
    pump();
  }

  /** Rows before one that is no message are published first. */
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
