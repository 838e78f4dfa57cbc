import type { Contract, Envelope } from '@waybill/message';
import type { ConfirmedPage, OutboxRow } from '@waybill/messaging';
import { pagesOf, singlesOf } from '../outbox-page.ts';
import type { OutboxPartitionName } from './outbox-partition-leases.ts';

/** A message in the outbox that waits for its broker. */
export interface Waiting {
  readonly seq: number;
  readonly id: string;
  readonly outboxPartition: number;
  readonly channel: string;
  readonly body: string;
  readonly envelope: Envelope;
  /** The contract that made and checked its data in this process; absent when read from the table. */
  readonly contract?: Contract;
  /** The first number of the page that it was committed in; null or absent if it was always a single row. */
  readonly of?: number | null;
}

/** A row of the outbox that is not a valid message and cannot be published. */
export interface Unreadable {
  readonly seq: number;
  readonly outboxPartition: number;
  readonly of: number | null;
  readonly reason: Error;
}

export const isReadable = (row: Waiting | Unreadable): row is Waiting => 'envelope' in row;

/**
 * An outbox partition: the rows of one broker and partition, published in the order of their numbers. While it is
 * `behind`, the table has rows that it does not hold, and it reads them before it takes offered ones.
 */
export class OutboxPartition {
  readonly queue: Waiting[] = [];
  /**
   * Numbers that must not be read from the table again: queued, in flight, or confirmed and not yet deleted. Excludes
   * those of held pages, which reads skip anyway.
   */
  readonly known = new Set<number>();
  owned = false;
  hasUnread = true;
  inFlight = 0;
  failures = 0;
  paused = false;
  /** Rows offered during a read; the read may return them, too. */
  private arrived: Waiting[] | null = null;
  /** False if the outbox partition was rewound since the read began, so that the result is incomplete. */
  private current = false;

  constructor(
    readonly broker: string,
    readonly outboxPartition: number,
  ) {}

  /** Whether it takes a message of a page that was just committed. */
  takes(seq: number): boolean {
    return this.owned && !this.hasUnread && !this.known.has(seq);
  }

  /** Takes a row that was just committed; false if the row stays in the table for now. */
  offer(row: Waiting, room: boolean): boolean {
    if (!this.owned) return false;
    if (this.hasUnread) {
      if (this.arrived && room) this.arrived.push(row);
      else this.arrived = null;
      return false;
    }
    if (!room) {
      this.hasUnread = true;
      return false;
    }
    return this.enqueue(row);
  }

  /** Appends a row, unless its number is known. */
  enqueue(row: Waiting): boolean {
    if (this.known.has(row.seq)) return false;
    this.known.add(row.seq);
    this.queue.push(row);
    return true;
  }

  wantsToRead(window: number): boolean {
    return (
      this.owned &&
      this.hasUnread &&
      !this.paused &&
      this.queue.length === 0 &&
      this.inFlight < window
    );
  }

  beginRead(): void {
    this.arrived = [];
    this.current = true;
  }

  /** Adds the `rows` of a read. If `all`, the table has no more, and the rows that arrived during the read complete them. */
  endRead(rows: readonly Waiting[], all: boolean): void {
    const { arrived } = this;
    this.arrived = null;
    if (!this.current || !this.owned || this.paused) return;
    for (const row of rows) this.enqueue(row);
    if (!all || !arrived) return;
    for (const row of arrived) this.enqueue(row);
    this.hasUnread = false;
  }

  /** The next rows to publish, in order; at most 16 in flight after an error, until the broker confirms again. */
  take(window: number): Waiting[] {
    if (this.paused || !this.owned) return [];
    const room = (this.failures > 0 ? Math.min(window, 16) : window) - this.inFlight;
    const taken = this.queue.splice(0, Math.max(0, room));
    this.inFlight += taken.length;
    return taken;
  }

  /** Drops what is not in flight; it is read from the table again. */
  rewind(): void {
    for (const { seq } of this.queue) this.known.delete(seq);
    this.queue.length = 0;
    this.hasUnread = true;
    this.arrived = null;
    this.current = false;
  }
}

/** All outbox partitions seen so far, owned or not. */
export class OutboxPartitions {
  private readonly byBroker = new Map<string, OutboxPartition[]>();
  private readonly all: OutboxPartition[] = [];

  of(broker: string, number: number): OutboxPartition {
    let outboxPartitions = this.byBroker.get(broker);
    if (!outboxPartitions) {
      outboxPartitions = [];
      this.byBroker.set(broker, outboxPartitions);
    }
    let outboxPartition = outboxPartitions[number];
    if (!outboxPartition) {
      outboxPartition = new OutboxPartition(broker, number);
      outboxPartitions[number] = outboxPartition;
      this.all.push(outboxPartition);
    }
    return outboxPartition;
  }

  /** Outbox partitions that could read rows from the table now. */
  wanting(window: number): OutboxPartition[] {
    return this.all.filter((outboxPartition) => outboxPartition.wantsToRead(window));
  }

  /** Outbox partitions that hold all their rows: a row that they do not know was not offered. */
  upToDate(): OutboxPartition[] {
    return this.all.filter(({ owned, hasUnread }) => owned && !hasUnread);
  }

  owned(): OutboxPartition[] {
    return this.all.filter(({ owned }) => owned);
  }

  /** Sets the owned outbox partitions; returns those whose ownership changed. */
  adopt(names: readonly OutboxPartitionName[]): OutboxPartition[] {
    const ours = new Set(
      names.map(({ broker, outboxPartition }) => this.of(broker, outboxPartition)),
    );
    const changed = this.all.filter(
      (outboxPartition) => outboxPartition.owned !== ours.has(outboxPartition),
    );
    for (const outboxPartition of changed) outboxPartition.owned = ours.has(outboxPartition);
    return changed;
  }
}

/** A page or a single row that this process has committed. */
export interface Offered {
  /** The first number. */
  readonly seq: number;
  readonly broker: string;
  readonly rows: readonly Waiting[];
  readonly page?: HeldPage;
  /** Null: publish at once. Set only for single rows. */
  readonly dueAt: string | null;
}

/** The pages and single rows of a batch with the numbers that its commit assigned, in order. */
export function offeredOf(rows: readonly OutboxRow[], seqs: readonly number[]): readonly Offered[] {
  const rowAt = (place: number, of: number | null): Waiting => {
    const { id, outboxPartition, channel, body, envelope, contract } = rows[place] as OutboxRow;
    return {
      seq: seqs[place] as number,
      id,
      outboxPartition,
      channel,
      body,
      envelope,
      contract,
      of,
    };
  };
  const pages = pagesOf(rows).map(({ broker, places }): Offered => {
    const seq = seqs[places[0] as number] as number;
    const messages = places.map((place) => rowAt(place, seq));
    return { seq, broker, rows: messages, page: new HeldPage(broker, messages), dueAt: null };
  });
  const singles = singlesOf(rows).map((place): Offered => {
    const { broker, dueAt } = rows[place] as OutboxRow;
    const row = rowAt(place, null);
    return { seq: row.seq, broker, rows: [row], dueAt };
  });
  return [...pages, ...singles];
}

/**
 * A page that this process has committed and publishes from memory once all its outbox partitions have taken it. While
 * whole, it is not read from the table; it is broken into single rows when one of its messages must be read from there.
 */
export class HeldPage implements ConfirmedPage {
  readonly size: number;
  readonly first: number;
  readonly last: number;
  confirmed: Waiting[] = [];

  constructor(
    readonly broker: string,
    public rows: readonly Waiting[],
  ) {
    this.size = rows.length;
    this.first = rows[0]?.seq ?? 0;
    this.last = rows.at(-1)?.seq ?? 0;
  }

  /** True for the last message: then the page only waits to be deleted, and drops its messages. */
  confirm(row: Waiting): boolean {
    this.confirmed.push(row);
    if (this.confirmed.length < this.size) return false;
    this.confirmed = [];
    this.rows = [];
    return true;
  }
}
