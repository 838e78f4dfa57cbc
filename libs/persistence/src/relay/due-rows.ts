import type { OutboxTable } from './outbox-table.ts';
import type { Timers } from './timers.ts';

export interface DueRowsOptions {
  readonly table: Pick<OutboxTable, 'nextDue'>;
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

  /** Looks in the table for the next one. */
  async arm(): Promise<void> {
    this.at = Number.POSITIVE_INFINITY;
    const ms = await this.options.table.nextDue();
    if (ms !== null) this.wakeIn(ms);
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
