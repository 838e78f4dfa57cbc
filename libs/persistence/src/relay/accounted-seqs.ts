/** How far a look at the table reached: all below `upTo` was written by transactions before `end`. */
interface Horizon {
  readonly upTo: number;
  /** Transactions with this id or a later one had not begun. */
  readonly end: bigint;
}

const mostBeyond = 10_000;

/**
 * Which sequence numbers of the outbox a relay knows the fate of. A number that is missing among those it was
 * offered belongs to another process, or to a transaction that failed: nothing that came after it may be
 * published before somebody has looked.
 */
export class AccountedSeqs {
  private readonly beyond = new Set<number>();
  private horizons: Horizon[] = [];
  private floor = 0;
  private last = 0;

  /** Every number up to here is accounted for. */
  get upTo(): number {
    return this.floor;
  }

  /** The highest number that is known to exist. */
  get highest(): number {
    return this.last;
  }

  /** Numbers above `upTo` that are accounted for. */
  known(): number[] {
    return [...this.beyond];
  }

  /** All numbers up to `seq` are accounted for: the table is read after this. */
  begin(seq: number): void {
    this.floor = Math.max(this.floor, seq);
    this.last = Math.max(this.last, seq);
    this.advance();
  }

  add(seqs: Iterable<number>): void {
    for (const seq of seqs) {
      if (seq > this.floor) this.beyond.add(seq);
      this.last = Math.max(this.last, seq);
    }
    this.advance();
  }

  /** Another process says that it wrote up to `seq`. */
  heardOf(seq: number): void {
    this.last = Math.max(this.last, seq);
  }

  /** Whether a number below `seq` is not accounted for. */
  isMissingBelow(seq: number): boolean {
    return this.floor < seq - 1;
  }

  /**
   * The table was looked at when `upTo` was the highest number: transactions before `oldest` had ended, those from
   * `next` on had not begun. What an earlier look did not find, and whose transaction has ended, never comes.
   */
  looked(upTo: number, { oldest, next }: { readonly oldest: bigint; readonly next: bigint }): void {
    const ended = this.horizons.filter(({ end }) => oldest >= end);
    this.horizons = this.horizons.filter(({ end }) => oldest < end);
    for (const horizon of ended) this.floor = Math.max(this.floor, horizon.upTo);
    if (upTo > this.floor) this.horizons = [...this.horizons.slice(0, 1), { upTo, end: next }];
    // A transaction that never ends must not fill the memory; what it wrote is found when it is overdue.
    if (this.beyond.size > mostBeyond) this.floor = this.last;
    for (const seq of this.beyond) if (seq <= this.floor) this.beyond.delete(seq);
    this.advance();
  }

  private advance(): void {
    while (this.beyond.delete(this.floor + 1)) this.floor += 1;
  }
}
