import type { OutboxPartition, OutboxPartitions, Unreadable, Waiting } from './outbox-partition.ts';
import type { OutboxTable } from './outbox-table.ts';
import type { Timers } from './timers.ts';

export interface DueRowsOptions {
  readonly table: Pick<OutboxTable, 'overdue'>;
  readonly outboxPartitions: OutboxPartitions;
  readonly timers: Timers;
  /** Milliseconds. */
  readonly now: () => number;
  readonly take: (outboxPartition: OutboxPartition, row: Waiting | Unreadable) => void;
  readonly attempt: (doing: string, run: () => Promise<void>) => Promise<void>;
}

/** Milliseconds after their commit when rows that no process has taken are overdue. */
const overdueAfter = 3_000;

/** Takes rows that fall due, and rows that were committed but not offered, because their process crashed or is another one. */
export class DueRows {
  private at = Number.POSITIVE_INFINITY;

  constructor(private readonly options: DueRowsOptions) {}

  async collect(): Promise<void> {
    const { table, outboxPartitions, take, attempt } = this.options;
    await attempt('collect', async () => {
      // A row that falls due in the meantime is still reported by `wakeIn`.
      this.at = Number.POSITIVE_INFINITY;
      const { found, nextDueMs } = await table.overdue(outboxPartitions.upToDate(), overdueAfter);
      for (const { broker, row } of found)
        take(outboxPartitions.of(broker, row.outboxPartition), row);
      if (nextDueMs !== null) this.wakeIn(nextDueMs);
    });
  }

  /** A row falls due in `ms` milliseconds. */
  wakeIn(ms: number): void {
    const at = this.options.now() + Math.max(0, ms);
    if (at >= this.at) return;
    this.at = at;
    // 2 ms late, so that the row is due by the database's clock, too.
    const delay = Math.min(Math.max(0, ms) + 2, 60_000);
    this.options.timers.after('due', delay, () => void this.collect());
  }
}
