import type { Timers } from './timers.ts';

export interface DueRowsOptions {
  readonly timers: Timers;
  /** Milliseconds. */
  readonly now: () => number;
  /** Takes what is due. */
  readonly collect: () => void;
}

/** Wakes the relay when the next row with a due time falls due. */
export class DueRows {
  private at = Number.POSITIVE_INFINITY;

  constructor(private readonly options: DueRowsOptions) {}

  /** The table is about to be asked anew; what falls due meanwhile is told by `wakeIn` all the same. */
  forget(): void {
    this.at = Number.POSITIVE_INFINITY;
  }

  /** One falls due in `ms` milliseconds. */
  wakeIn(ms: number): void {
    const at = this.options.now() + Math.max(0, ms);
    if (at >= this.at) return;
    this.at = at;
    // A little late, so that the database agrees that it is due.
    const delay = Math.min(Math.max(0, ms) + 2, 60_000);
    this.options.timers.after('due', delay, () => this.options.collect());
  }
}
