import type { Contract, Envelope } from '@waybill/message';

/** A message of the outbox that waits for its broker. */
export interface Waiting {
  readonly seq: number;
  readonly id: string;
  readonly lane: number;
  readonly channel: string;
  readonly body: string;
  readonly envelope: Envelope;
  /** By which its data were made and checked in this process; not of what was read from the table. */
  readonly contract?: Contract;
  /** The page that it was committed in, by its first number; null or absent: it was a single row from the beginning. */
  readonly of?: number | null;
}

/** A row of the outbox that is no message, so that nobody can publish it. */
export interface Unreadable {
  readonly seq: number;
  readonly lane: number;
  readonly of: number | null;
  readonly reason: Error;
}

export const isReadable = (row: Waiting | Unreadable): row is Waiting => 'envelope' in row;

/**
 * Rows of one broker and shard, published in the order of their numbers. A lane that is `behind` has rows in the
 * table that it does not hold: it reads them before it takes what is offered.
 */
export class Lane {
  readonly queue: Waiting[] = [];
  /**
   * Numbers that must not be read from the table again: queued, in flight, or confirmed and not yet deleted. Those of whole pages are not
   * among them, for nobody finds these there.
   */
  readonly known = new Set<number>();
  owned = false;
  behind = true;
  inFlight = 0;
  failures = 0;
  paused = false;
  /** What is offered while the table is read; the read may have it too. */
  private arrived: Waiting[] | null = null;
  /** False when the lane was rewound since the read began: then what it found is no longer the whole. */
  private current = false;

  constructor(
    readonly broker: string,
    readonly lane: number,
  ) {}

  /** Whether it takes a message of a page that was just committed. */
  takes(seq: number): boolean {
    return this.owned && !this.behind && !this.known.has(seq);
  }

  /** Takes a row that was just committed; false when it is left in the table for now. */
  offer(row: Waiting, room: boolean): boolean {
    if (!this.owned) return false;
    if (this.behind) {
      if (this.arrived && room) this.arrived.push(row);
      else this.arrived = null;
      return false;
    }
    if (!room) {
      this.behind = true;
      return false;
    }
    return this.enqueue(row);
  }

  /** Puts a row at the end, unless the lane knows it. */
  enqueue(row: Waiting): boolean {
    if (this.known.has(row.seq)) return false;
    this.known.add(row.seq);
    this.queue.push(row);
    return true;
  }

  wantsToRead(window: number): boolean {
    return (
      this.owned && this.behind && !this.paused && this.queue.length === 0 && this.inFlight < window
    );
  }

  beginRead(): void {
    this.arrived = [];
    this.current = true;
  }

  /** The read found `rows`; `all` when the table has no more. Then what arrived meanwhile completes them. */
  endRead(rows: readonly Waiting[], all: boolean): void {
    const { arrived } = this;
    this.arrived = null;
    if (!this.current || !this.owned || this.paused) return;
    for (const row of rows) this.enqueue(row);
    if (!all || !arrived) return;
    for (const row of arrived) this.enqueue(row);
    this.behind = false;
  }

  /** The next rows to publish, in order; only a few after an error, until the broker takes them again. */
  take(window: number): Waiting[] {
    if (this.paused || !this.owned) return [];
    const room = (this.failures > 0 ? Math.min(window, 16) : window) - this.inFlight;
    const taken = this.queue.splice(0, Math.max(0, room));
    this.inFlight += taken.length;
    return taken;
  }

  /** Forgets what is not in flight; it is read from the table again. */
  rewind(): void {
    for (const { seq } of this.queue) this.known.delete(seq);
    this.queue.length = 0;
    this.behind = true;
    this.arrived = null;
    this.current = false;
  }
}
