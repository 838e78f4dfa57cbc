import type { Lane } from './lane.ts';

/**
 * Numbers that their broker has confirmed. They are deleted by the next batch of the service; until that is
 * surely done their lanes go on knowing them.
 */
export class Confirmed {
  private waiting = new Map<number, Lane>();
  private taken = new Map<number, Lane>();
  private takenBefore = new Map<number, Lane>();

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
      const lane = this.taken.get(seq) ?? this.takenBefore.get(seq);
      if (lane) this.waiting.set(seq, lane);
      this.taken.delete(seq);
      this.takenBefore.delete(seq);
    }
  }

  /** Called now and then: what was taken two calls ago is deleted from the table, or was restored. */
  forgetTaken(): void {
    for (const [seq, lane] of this.takenBefore) lane.known.delete(seq);
    this.takenBefore = this.taken;
    this.taken = new Map();
  }
}
