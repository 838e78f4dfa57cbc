import type { ConfirmedPage } from '@waybill/messaging';
import { HeldPage, type OutboxPartitions, type Waiting } from './outbox-partition.ts';
import type { OutboxTable } from './outbox-table.ts';
import type { Timers } from './timers.ts';

export interface ConfirmedOptions {
  readonly table: Pick<OutboxTable, 'deletePages' | 'deleteRows' | 'unpackPages'>;
  readonly outboxPartitions: OutboxPartitions;
  readonly timers: Timers;
  /** Milliseconds. */
  readonly now: () => number;
  readonly attempt: (doing: string, run: () => Promise<void>) => Promise<void>;
}

const flushAfter = 200;
const rowsAtOnce = 1_000;

interface ConfirmedRow {
  readonly broker: string;
  readonly outboxPartition: number;
  /** The page that it may still be in. */
  readonly of: number | null;
}

/**
 * Messages that brokers have confirmed. Whole pages are deleted with the batches of the service, or separately when there are
 * none; single rows are deleted separately. Until the delete is certain, pages are held and outbox partitions keep their numbers,
 * so nothing is read from the table again.
 */
export class Confirmed {
  /** By first number. */
  private readonly held = new Map<number, HeldPage>();
  private pages: HeldPage[] = [];
  private readonly rows = new Map<number, ConfirmedRow>();
  private taken: HeldPage[] = [];
  private takenBefore: HeldPage[] = [];
  private tookAt = 0;

  constructor(private readonly options: ConfirmedOptions) {}

  /** In messages. */
  get size(): number {
    return this.rows.size + this.pages.reduce((sum, { size }) => sum + size, 0);
  }

  /** First numbers of the pages whose messages are not read from the table. */
  heldPages(): number[] {
    return [...this.held.keys()];
  }

  /** Whether the message is published from memory with its page. */
  holds({ of }: Pick<Waiting, 'of'>): boolean {
    return this.pageOf(of) !== undefined;
  }

  /** All messages of the page were taken: it is published from memory from now on. */
  hold(page: HeldPage): void {
    this.held.set(page.first, page);
  }

  add(broker: string, row: Waiting): void {
    const { seq, outboxPartition, of = null } = row;
    const page = this.pageOf(of);
    if (!page) this.rows.set(seq, { broker, outboxPartition, of });
    else if (page.confirm(row)) this.pages.push(page);
    else return;
    this.flushSoon();
  }

  /** Releases the held page of a message: its messages become single rows, and confirmed ones are deleted singly. */
  breakPageOf({ of }: Waiting): void {
    const page = this.pageOf(of);
    if (!page) return;
    this.held.delete(page.first);
    for (const row of page.rows)
      this.options.outboxPartitions.of(page.broker, row.outboxPartition).known.add(row.seq);
    for (const row of page.confirmed) this.add(page.broker, row);
  }

  /** For a batch, which deletes the returned pages. */
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

  /** Called every 2 s. No callback reports when a batch has deleted its pages, but it has by the second call. */
  forgetTaken(): void {
    for (const { first } of this.takenBefore) this.held.delete(first);
    this.takenBefore = this.taken;
    this.taken = [];
  }

  async flush(): Promise<void> {
    const { table, outboxPartitions } = this.options;
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
      for (const [seq, { broker, outboxPartition }] of rows) {
        outboxPartitions.of(broker, outboxPartition).known.delete(seq);
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

/** The result of one look at the table: all rows up to `upTo` were written by transactions before `end`. */
interface Horizon {
  readonly upTo: number;
  /** Transactions with this id or a later one had not started. */
  readonly end: bigint;
}

const mostBeyond = 10_000;

/**
 * The sequence numbers of the outbox that a relay has accounted for. A number missing from those it was offered belongs
 * to another process or to a failed transaction, so no later row may be published before the table was read.
 */
export class AccountedSeqs {
  private readonly beyond = new Set<number>();
  private horizons: Horizon[] = [];
  private floor = 0;
  private last = 0;

  /** Every number up to this one is accounted for. */
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

  /** All numbers up to `seq` are accounted for, because the table is read after this call. */
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

  /** Another process reports that it wrote up to `seq`. */
  observe(seq: number): void {
    this.last = Math.max(this.last, seq);
  }

  /** Whether a number below `seq` is not accounted for. */
  isMissingBelow(seq: number): boolean {
    return this.floor < seq - 1;
  }

  /**
   * The table was read when `upTo` was the highest number: transactions before `oldest` had ended, those from `next` on
   * had not started. A number that an earlier read did not find never appears once its transaction has ended.
   */
  looked(upTo: number, { oldest, next }: { readonly oldest: bigint; readonly next: bigint }): void {
    const ended = this.horizons.filter(({ end }) => oldest >= end);
    this.horizons = this.horizons.filter(({ end }) => oldest < end);
    for (const horizon of ended) this.floor = Math.max(this.floor, horizon.upTo);
    if (upTo > this.floor) this.horizons = [...this.horizons.slice(0, 1), { upTo, end: next }];
    // A transaction that never ends must not fill the memory; its rows are found once they are overdue.
    if (this.beyond.size > mostBeyond) this.floor = this.last;
    for (const seq of this.beyond) if (seq <= this.floor) this.beyond.delete(seq);
    this.advance();
  }

  private advance(): void {
    while (this.beyond.delete(this.floor + 1)) this.floor += 1;
  }
}
