import type { Clock } from '@waybill/messaging';
import { WakeUps } from './wake-ups.ts';

/** The priorities of work, from the last to the first. */
export const workPriorities = ['low', 'normal', 'high', 'critical'] as const;
export type WorkPriority = (typeof workPriorities)[number];

/** An entry of a priority queue: the id of what is to be done, not the work itself. */
export interface QueuedItem {
  readonly id: string;
  readonly priority: WorkPriority;
  /** Not taken before; absent: at once. */
  readonly dueAt?: Date;
}

/** An entry that was taken; `lease` is different each time. */
export interface LeasedItem {
  readonly id: string;
  readonly lease: string;
}

/** How many entries are ready, due later, and taken. */
export interface QueueSize {
  readonly ready: number;
  readonly later: number;
  readonly leased: number;
}

export interface TakeOptions {
  /** Milliseconds after which an entry that was not acked is ready again. */
  readonly lease: number;
  /** Milliseconds to wait for a first entry; default 0. */
  readonly wait?: number;
  /** Ends the wait. */
  readonly signal?: AbortSignal;
}

/** What `takeNow` found, and in how many milliseconds something may become ready by itself; null: never. */
export interface Taken {
  readonly items: readonly LeasedItem[];
  readonly nextIn: number | null;
}

/**
 * Entries by priority, in the order in which they were added or became due within one. A taken entry is hidden until its lease ends:
 * `ack` removes it, and one whose worker crashed returns to its place.
 */
export abstract class PriorityQueue {
  constructor(
    readonly name: string,
    private readonly clock: Clock,
    private readonly wakeUps: WakeUps,
  ) {}

  /**
   * Adds all entries by one call. An id that is in the queue takes over the priority and the time, and keeps its place if these are the
   * same; one that is taken stays as it is.
   */
  abstract add(items: readonly QueuedItem[]): Promise<void>;

  /** Removes taken entries, and returns how many: those of another lease stay. */
  abstract ack(items: readonly LeasedItem[]): Promise<number>;

  /** The ids of the next ready entries, which stay. */
  abstract peek(count: number): Promise<readonly string[]>;

  abstract size(): Promise<QueueSize>;

  /** Removes every entry, also taken ones. */
  abstract clear(): Promise<void>;

  /** From now on nothing is taken, in any process, until `resume`. */
  abstract pause(): Promise<void>;

  abstract resume(): Promise<void>;

  /** Takes up to `count` ready entries, without waiting. */
  protected abstract takeNow(count: number, lease: number): Promise<Taken>;

  /** Takes up to `count` entries, the most urgent first; waits for the first one. */
  async take(
    count: number,
    { lease, wait = 0, signal }: TakeOptions,
  ): Promise<readonly LeasedItem[]> {
    const end = this.clock.now().getTime() + wait;
    for (;;) {
      // Listens before it looks, so that nothing is added in between unnoticed.
      const change = this.wakeUps.next(this.name);
      try {
        const { items, nextIn } = await this.takeNow(count, lease);
        const left = end - this.clock.now().getTime();
        if (items.length > 0 || left <= 0 || signal?.aborted) return items;
        await change.within(Math.min(left, nextIn ?? left), this.clock, signal);
      } finally {
        change.cancel();
      }
    }
  }
}
