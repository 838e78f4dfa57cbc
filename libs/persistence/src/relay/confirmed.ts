import type { ConfirmedPage } from '@waybill/messaging';
import { HeldPage } from './held-page.ts';
import type { Waiting } from './lane.ts';
import type { Lanes } from './lanes.ts';
import type { OutboxTable } from './outbox-table.ts';
import type { Timers } from './timers.ts';

export interface ConfirmedOptions {
  readonly table: Pick<OutboxTable, 'deletePages' | 'deleteRows' | 'unpackPages'>;
  readonly lanes: Lanes;
  readonly timers: Timers;
  /** Milliseconds. */
  readonly now: () => number;
  readonly attempt: (doing: string, run: () => Promise<void>) => Promise<void>;
}

const flushAfter = 200;
const rowsAtOnce = 1_000;

interface ConfirmedRow {
  readonly broker: string;
  readonly lane: number;
  /** The page that it may still be in. */
  readonly of: number | null;
}

/**
 * What brokers have confirmed. Whole pages are deleted with the batches of the service, or alone when there are none; single rows alone.
 * Until that is surely done, pages are held and lanes know their numbers, so that nothing is read from the table again.
 */
export class Confirmed {
  /** By their first numbers. */
  private readonly held = new Map<number, HeldPage>();
  private pages: HeldPage[] = [];
  private readonly rows = new Map<number, ConfirmedRow>();
  private taken: HeldPage[] = [];
  private takenBefore: HeldPage[] = [];
  private tookAt = 0;

  constructor(private readonly options: ConfirmedOptions) {}

  /** Messages. */
  get size(): number {
    return this.rows.size + this.pages.reduce((sum, { rows }) => sum + rows.length, 0);
  }

  /** The numbers of the pages that nobody may make rows of. */
  heldPages(): number[] {
    return [...this.held.keys()];
  }

  /** Whether a row was made of a page that is published from memory: somebody looked while it was committed. */
  holds(page: number | null): boolean {
    return page !== null && this.held.has(page);
  }

  /** All of its messages were taken: the page is published from memory from now on. */
  hold(page: HeldPage): void {
    this.held.set(page.first, page);
  }

  add(broker: string, row: Waiting): void {
    const { page, lane, of = null } = row;
    if (!page || page.broken) this.rows.set(row.seq, { broker, lane, of: page?.first ?? of });
    else {
      page.confirmed.push(row);
      if (!page.isConfirmed) return;
      this.pages.push(page);
    }
    this.flushSoon();
  }

  /** From now on its messages are single rows: lanes know them, and confirmed ones are deleted one by one. */
  break(page: HeldPage): void {
    if (page.broken) return;
    this.release(page);
    for (const row of page.rows) this.options.lanes.of(page.broker, row.lane).known.add(row.seq);
    for (const row of page.confirmed) this.add(page.broker, row);
  }

  /** None of its messages was taken: they are single rows, which lanes take or leave in the table. */
  release(page: HeldPage): void {
    page.broken = true;
    this.held.delete(page.first);
  }

  /** For a batch, which deletes them. */
  take(): readonly ConfirmedPage[] {
    this.tookAt = this.options.now();
    const pages = this.pages.splice(0);
    this.taken.push(...pages);
    return pages;
  }

  restore(pages: readonly ConfirmedPage[]): void {
    const back = pages.filter((page) => page instanceof HeldPage);
    this.taken = this.taken.filter((page) => !back.includes(page));
    this.takenBefore = this.takenBefore.filter((page) => !back.includes(page));
    this.pages.push(...back);
    if (this.pages.length > 0) this.flushSoon();
  }

  /** Called every other second: nobody tells when a batch has deleted its pages, but two calls later it surely has. */
  forgetTaken(): void {
    for (const { first } of this.takenBefore) this.held.delete(first);
    this.takenBefore = this.taken;
    this.taken = [];
  }

  async flush(): Promise<void> {
    const { table, lanes } = this.options;
    while (this.pages.length > 0) {
      const pages = this.pages.splice(0);
      try {
        await table.deletePages(pages);
      } catch (error) {
        this.restore(pages);
        throw error;
      }
      for (const { first } of pages) this.held.delete(first);
    }
    while (this.rows.size > 0) {
      const rows = [...this.rows].slice(0, rowsAtOnce);
      const pages = new Set(rows.flatMap(([, { of }]) => of ?? []));
      if (pages.size > 0) await table.unpackPages([...pages]);
      await table.deleteRows(rows.map(([seq]) => seq));
      for (const [seq, { broker, lane }] of rows) {
        lanes.of(broker, lane).known.delete(seq);
        this.rows.delete(seq);
      }
    }
  }

  private flushSoon(): void {
    const { timers, now, attempt } = this.options;
    if (timers.has('flush')) return;
    timers.after('flush', flushAfter, () => {
      if (this.rows.size === 0 && now() - this.tookAt < flushAfter) this.flushSoon();
      else void attempt('flush', () => this.flush()).then(() => this.size > 0 && this.flushSoon());
    });
  }
}
