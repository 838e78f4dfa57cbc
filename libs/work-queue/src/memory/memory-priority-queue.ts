import type { Clock } from '@waybill/messaging';
import {
  type LeasedItem,
  PriorityQueue,
  type QueuedItem,
  type QueueSize,
  type Taken,
  workPriorities,
} from '../priority-queue.ts';
import type { WakeUps } from '../wake-ups.ts';
import { SortedList } from './sorted-list.ts';

interface Entry {
  readonly id: string;
  readonly rank: number;
  /** Its place within its rank. */
  readonly place: number;
  readonly state: 'ready' | 'later' | 'leased';
  /** When it is due, or its lease ends. */
  readonly until: number;
  readonly lease: string;
}

const rankOf = ({ priority }: QueuedItem): number => workPriorities.indexOf(priority);

/** A priority queue in this process. */
export class MemoryPriorityQueue extends PriorityQueue {
  private readonly entries = new Map<string, Entry>();
  /** The ready entries of each rank, by place. What left a list is skipped there. */
  private readonly ready = workPriorities.map(() => new SortedList<Entry>());
  /** Entries that become ready by themselves, by that time. */
  private readonly timed = new SortedList<Entry>();
  private places = 0;
  private paused = false;

  constructor(
    name: string,
    private readonly time: Clock,
    private readonly changes: WakeUps,
  ) {
    super(name, time, changes);
  }

  async add(items: readonly QueuedItem[]): Promise<void> {
    const now = this.now();
    for (const item of items) this.addOne(item, rankOf(item), now);
    this.changes.wake(this.name);
  }

  async ack(items: readonly LeasedItem[]): Promise<number> {
    const mine = items.filter(({ id, lease }) => {
      const entry = this.entries.get(id);
      return entry?.state === 'leased' && entry.lease === lease;
    });
    for (const { id } of mine) this.entries.delete(id);
    return mine.length;
  }

  async peek(count: number): Promise<readonly string[]> {
    this.returnDue();
    const inOrder = this.ready.toReversed().flatMap((rank) => rank.values(this.isCurrent));
    return inOrder.slice(0, count).map(({ id }) => id);
  }

  async size(): Promise<QueueSize> {
    const size = { ready: 0, later: 0, leased: 0 };
    for (const { state } of this.entries.values()) size[state] += 1;
    return size;
  }

  async clear(): Promise<void> {
    this.entries.clear();
    for (const list of [...this.ready, this.timed]) list.clear();
  }

  async pause(): Promise<void> {
    this.paused = true;
  }

  async resume(): Promise<void> {
    this.paused = false;
    this.changes.wake(this.name);
  }

  protected async takeNow(count: number, lease: number): Promise<Taken> {
    this.returnDue();
    if (this.paused) return { items: [], nextIn: null };
    const items: LeasedItem[] = [];
    while (items.length < count) {
      const entry = this.firstReady();
      if (!entry) break;
      const taken = { id: entry.id, lease: String(this.nextPlace()) };
      this.keep({ ...entry, ...taken, state: 'leased', until: this.now() + lease });
      items.push(taken);
    }
    const next = this.timed.first(this.isCurrent);
    return { items, nextIn: next ? Math.max(0, next.until - this.now()) : null };
  }

  private addOne({ id, dueAt }: QueuedItem, rank: number, now: number): void {
    const known = this.entries.get(id);
    if (known?.state === 'leased') return;
    const until = dueAt?.getTime() ?? 0;
    if (until > now) this.keep({ id, rank, place: 0, state: 'later', until, lease: '' });
    else if (known?.state !== 'ready' || known.rank !== rank)
      this.keep({ id, rank, place: this.nextPlace(), state: 'ready', until: 0, lease: '' });
  }

  /** Entries that fell due, and those whose lease ended. */
  private returnDue(): void {
    for (;;) {
      const entry = this.timed.first(this.isCurrent);
      if (!entry || entry.until > this.now()) return;
      const place = entry.state === 'later' ? this.nextPlace() : entry.place;
      this.keep({ ...entry, place, state: 'ready', until: 0 });
    }
  }

  private keep(entry: Entry): void {
    this.entries.set(entry.id, entry);
    if (entry.state === 'ready') this.ready[entry.rank]?.insert(entry.place, entry);
    else this.timed.insert(entry.until, entry);
  }

  private firstReady(): Entry | undefined {
    for (const rank of this.ready.toReversed()) {
      const entry = rank.first(this.isCurrent);
      if (entry) return entry;
    }
    return undefined;
  }

  /** An entry is replaced when it changes. */
  private readonly isCurrent = (entry: Entry): boolean => this.entries.get(entry.id) === entry;

  private nextPlace(): number {
    this.places += 1;
    return this.places;
  }

  private now(): number {
    return this.time.now().getTime();
  }
}
