import type { Contract, Envelope } from '@waybill/message';
import type { ConfirmedPage, OutboxRow } from '@waybill/messaging';
import { pagesOf, singlesOf } from '../outbox-page.ts';
import type { LaneName } from './lane-leases.ts';

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

/** Every lane that was ever named, owned or not. */
export class Lanes {
  private readonly byBroker = new Map<string, Lane[]>();
  private readonly all: Lane[] = [];

  of(broker: string, number: number): Lane {
    let lanes = this.byBroker.get(broker);
    if (!lanes) {
      lanes = [];
      this.byBroker.set(broker, lanes);
    }
    let lane = lanes[number];
    if (!lane) {
      lane = new Lane(broker, number);
      lanes[number] = lane;
      this.all.push(lane);
    }
    return lane;
  }

  /** Lanes with rows in the table that they could take now. */
  wanting(window: number): Lane[] {
    return this.all.filter((lane) => lane.wantsToRead(window));
  }

  /** Lanes that hold all their rows: what they do not know was offered to nobody. */
  upToDate(): Lane[] {
    return this.all.filter(({ owned, behind }) => owned && !behind);
  }

  owned(): Lane[] {
    return this.all.filter(({ owned }) => owned);
  }

  /** Makes these the owned ones; returns those whose owner has changed. */
  adopt(names: readonly LaneName[]): Lane[] {
    const ours = new Set(names.map(({ broker, lane }) => this.of(broker, lane)));
    const changed = this.all.filter((lane) => lane.owned !== ours.has(lane));
    for (const lane of changed) lane.owned = ours.has(lane);
    return changed;
  }
}

/** What this process has committed: a page, or a single row. */
export interface Offered {
  /** The first number. */
  readonly seq: number;
  readonly broker: string;
  readonly rows: readonly Waiting[];
  readonly page?: HeldPage;
  /** Null: at once. Only of single rows. */
  readonly dueAt: string | null;
}

/** The pages and single rows of a batch with the numbers that its commit gave, in their order. */
export function offeredOf(rows: readonly OutboxRow[], seqs: readonly number[]): readonly Offered[] {
  const rowAt = (place: number, of: number | null): Waiting => {
    const { id, lane, channel, body, envelope, contract } = rows[place] as OutboxRow;
    return { seq: seqs[place] as number, id, lane, channel, body, envelope, contract, of };
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
 * A page that this process has committed, and publishes from memory once all of its lanes have taken it. While it is whole, nobody
 * here reads its messages from the table; it is broken when one of them must be read from there, and from then on they are single rows.
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

  /** True with the last one: then it only waits to be deleted, and needs its messages no more. */
  confirm(row: Waiting): boolean {
    this.confirmed.push(row);
    if (this.confirmed.length < this.size) return false;
    this.confirmed = [];
    this.rows = [];
    return true;
  }
}
