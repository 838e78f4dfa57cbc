import type { Lane } from './lane.ts';

/**
 * Numbers that their broker has confirmed. They are deleted by the next batch of the service; until that is
 * surely done their lanes go on knowing them.
 */
export class Confirmed {
  /** The lane is null once it was told to forget the number. */
  private readonly waiting = new Map<number, Lane | null>();
  private taken = new Map<number, Lane | null>();
  private takenBefore = new Map<number, Lane | null>();

  get size(): number {
    return this.waiting.size;
  }

  add(seq: number, lane: Lane): void {
    this.waiting.set(seq, lane);
  }

  take(limit: number): number[] {
    const seqs: number[] = [];
    for (const [seq, lane] of this.waiting) {
      if (seqs.length === limit) break;
      seqs.push(seq);
      this.taken.set(seq, lane);
    }
    for (const seq of seqs) this.waiting.delete(seq);
    return seqs;
  }

  restore(seqs: readonly number[]): void {
    for (const seq of seqs) {
      this.waiting.set(seq, this.taken.get(seq) ?? this.takenBefore.get(seq) ?? null);
      this.taken.delete(seq);
      this.takenBefore.delete(seq);
    }
  }

  /** They are no longer in the table. */
  deleted(seqs: readonly number[]): void {
    for (const seq of seqs) {
      this.taken.get(seq)?.known.delete(seq);
      this.taken.delete(seq);
    }
  }

  /** Called now and then: nobody tells when a batch has deleted its numbers, but two calls later it surely has. */
  forgetTaken(): void {
    for (const [seq, lane] of this.takenBefore) lane?.known.delete(seq);
    this.takenBefore = this.taken;
    this.taken = new Map();
  }
}
