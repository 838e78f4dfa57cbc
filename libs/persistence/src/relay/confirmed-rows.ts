import { Confirmed } from './confirmed.ts';
import type { Lane } from './lane.ts';
import type { OutboxTable } from './outbox-table.ts';
import type { Timers } from './timers.ts';

export interface ConfirmedRowsOptions {
  readonly table: Pick<OutboxTable, 'delete'>;
  readonly timers: Timers;
  /** Milliseconds. */
  readonly now: () => number;
  readonly attempt: (doing: string, run: () => Promise<void>) => Promise<void>;
}

const flushAfter = 200;
const pageSize = 1_000;

/** Deletes what brokers have confirmed: with the batches of the service, or alone when there are none. */
export class ConfirmedRows {
  private readonly confirmed = new Confirmed();
  private tookAt = 0;

  constructor(private readonly options: ConfirmedRowsOptions) {}

  get size(): number {
    return this.confirmed.size;
  }

  add(seq: number, lane: Lane): void {
    this.confirmed.add(seq, lane);
    this.flushSoon();
  }

  /** For a batch, which deletes them. */
  take(): readonly number[] {
    this.tookAt = this.options.now();
    return this.confirmed.size === 0 ? [] : this.confirmed.take(pageSize);
  }

  restore(seqs: readonly number[]): void {
    this.confirmed.restore(seqs);
    if (this.confirmed.size > 0) this.flushSoon();
  }

  /** Called every other second. */
  forgetTaken(): void {
    this.confirmed.forgetTaken();
  }

  async flush(): Promise<void> {
    while (this.confirmed.size > 0) {
      const seqs = this.confirmed.take(pageSize);
      try {
        await this.options.table.delete(seqs);
        this.confirmed.deleted(seqs);
      } catch (error) {
        this.restore(seqs);
        throw error;
      }
    }
  }

  private flushSoon(): void {
    const { timers, now, attempt } = this.options;
    if (timers.has('flush')) return;
    timers.after('flush', flushAfter, () => {
      if (now() - this.tookAt < flushAfter) this.flushSoon();
      else void attempt('flush', () => this.flush());
    });
  }
}
