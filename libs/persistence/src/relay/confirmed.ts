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
    return this.rows.size + this.pages.reduce((sum, { size }) => sum + size, 0);
  }

  /** By their first numbers, the pages whose messages are not read from the table. */
  heldPages(): number[] {
    return [...this.held.keys()];
  }

  /** Whether a message is published from memory with its page. */
  holds({ of }: Pick<Waiting, 'of'>): boolean {
    return this.pageOf(of) !== undefined;
  }

  /** All of its messages were taken: the page is published from memory from now on. */
  hold(page: HeldPage): void {
    this.held.set(page.first, page);
  }

  add(broker: string, row: Waiting): void {
    const { seq, lane, of = null } = row;
    const page = this.pageOf(of);
    if (!page) this.rows.set(seq, { broker, lane, of });
    else if (page.confirm(row)) this.pages.push(page);
    else return;
    this.flushSoon();
  }

  /** If it is of a held page: from now on its messages are single rows, which lanes know, and confirmed ones are deleted one by one. */
  breakPageOf({ of }: Waiting): void {
    const page = this.pageOf(of);
    if (!page) return;
    this.held.delete(page.first);
    for (const row of page.rows) this.options.lanes.of(page.broker, row.lane).known.add(row.seq);
    for (const row of page.confirmed) this.add(page.broker, row);
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

  private pageOf(of: number | null | undefined): HeldPage | undefined {
    return of == null ? undefined : this.held.get(of);
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
