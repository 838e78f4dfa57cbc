/** A record that a group has not settled yet. */
export interface Entry {
  readonly offset: number;
  readonly body: string;
  readonly bytes?: Buffer | undefined;
  readonly gaveUp?: string | undefined;
  /** When it was published, in milliseconds since the epoch. */
  readonly at: number;
  readonly expiresAt: number | null;
  /** How often this process has delivered it. */
  deliveries: number;
  state: 'waiting' | 'in hand' | 'done';
}

const compactAfter = 512;

/** The records of one partition that a group has read and not settled, in the order of the offsets. */
export class PartitionWindow {
  #entries: Entry[] = [];
  /** Index of the first entry that is not done. */
  #first = 0;
  /** No entry before this index waits. */
  #cursor = 0;
  /** The next offset to read; null before the first record. */
  next: number | null = null;
  waiting = 0;
  inHand = 0;
  /** Characters of the waiting bodies. */
  size = 0;
  paused = false;
  /** Records from this offset on were never delivered before this assignment. */
  newFrom = Number.POSITIVE_INFINITY;
  /** The last committed offset. */
  committed: number | null = null;
  /** The partition belongs to another member now; settling has no effect. */
  lost = false;

  constructor(
    readonly topic: string,
    readonly channel: string,
    readonly partition: number,
  ) {}

  /** Adds a record; its offset must be at least `next`. */
  accept(entry: Entry): void {
    this.next = entry.offset + 1;
    this.#entries.push(entry);
    this.waiting += 1;
    this.size += entry.body.length;
  }

  /** Moves past a record that the group does not subscribe to. */
  skip(offset: number): void {
    this.next = offset + 1;
  }

  isNew(offset: number): boolean {
    return this.next === null || offset >= this.next;
  }

  /** The first waiting entry, which is now unsettled with the consumer. */
  take(): Entry | undefined {
    while (this.#cursor < this.#entries.length) {
      const entry = this.#entries[this.#cursor] as Entry;
      this.#cursor += 1;
      if (entry.state !== 'waiting') continue;
      entry.state = 'in hand';
      this.waiting -= 1;
      this.inHand += 1;
      this.size -= entry.body.length;
      return entry;
    }
    return undefined;
  }

  /** The entry waits again, in its old place. */
  giveBack(entry: Entry): void {
    entry.state = 'waiting';
    this.waiting += 1;
    this.inHand -= 1;
    this.size += entry.body.length;
    this.#cursor = Math.min(this.#cursor, this.#indexOf(entry.offset));
  }

  settle(entry: Entry): void {
    entry.state = 'done';
    this.inHand -= 1;
    while (this.#entries[this.#first]?.state === 'done') this.#first += 1;
    if (this.#first < compactAfter || this.#first * 2 < this.#entries.length) return;
    this.#entries.splice(0, this.#first);
    this.#cursor = Math.max(0, this.#cursor - this.#first);
    this.#first = 0;
  }

  /** The offset before which everything is settled; null if nothing was read. */
  lowWater(): number | null {
    return this.#entries[this.#first]?.offset ?? this.next;
  }

  /** When the first unsettled record was published; null if there is none. */
  oldestAt(): number | null {
    return this.#entries[this.#first]?.at ?? null;
  }

  #indexOf(offset: number): number {
    let low = this.#first;
    let high = this.#entries.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#entries[middle] as Entry).offset < offset) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
