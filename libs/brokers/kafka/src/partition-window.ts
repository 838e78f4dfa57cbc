/** A record that a group has not settled yet. */
export interface Entry {
  readonly offset: number;
  readonly body: string;
  readonly bytes?: Buffer | undefined;
  /** Milliseconds since the epoch, when it was published. */
  readonly at: number;
  readonly expiresAt: number | null;
  /** How often it was handed over by this process. */
  deliveries: number;
  state: 'waiting' | 'in hand' | 'done';
}

const compactAfter = 512;

/** What a group has read of one partition and not settled, in the order of the offsets. */
export class PartitionWindow {
  #entries: Entry[] = [];
  /** The first that is not done. */
  #first = 0;
  /** Nothing before it waits. */
  #cursor = 0;
  /** The offset to be read next; null before the first record. */
  next: number | null = null;
  waiting = 0;
  inHand = 0;
  /** Characters of the bodies that wait. */
  size = 0;
  paused = false;
  /** What this offset and later ones hold was never handed over before this assignment. */
  newFrom = Number.POSITIVE_INFINITY;
  /** What was committed last. */
  committed: number | null = null;
  /** The partition is another's by now; what is settled changes nothing. */
  lost = false;

  constructor(
    readonly topic: string,
    readonly channel: string,
    readonly shard: number,
  ) {}

  /** Takes a record, unless it was taken before. */
  accept(entry: Entry): void {
    this.next = entry.offset + 1;
    this.#entries.push(entry);
    this.waiting += 1;
    this.size += entry.body.length;
  }

  /** The offset after a record that nobody is to get. */
  skip(offset: number): void {
    this.next = offset + 1;
  }

  isNew(offset: number): boolean {
    return this.next === null || offset >= this.next;
  }

  /** The first that waits, now in hand. */
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

  /** It waits again, in its old place. */
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

  /** Everything before it is settled; null when nothing was read. */
  lowWater(): number | null {
    return this.#entries[this.#first]?.offset ?? this.next;
  }

  /** When the first that is not settled was published; null when there is none. */
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
