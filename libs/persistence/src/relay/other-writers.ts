import { AccountedSeqs } from './confirmed.ts';
import type { Offered, OutboxPartition, Unreadable, Waiting } from './outbox-partition.ts';
import type { OtherRow, OutboxTable } from './outbox-table.ts';

export interface OtherWritersOptions {
  readonly table: Pick<OutboxTable, 'others' | 'lastSeq' | 'snapshot'>;
  /** The outbox partitions that this process owns. */
  readonly ours: () => readonly OutboxPartition[];
  readonly take: (offered: Offered) => void;
  /** A row of another process, in an owned outbox partition. */
  readonly found: (broker: string, row: Waiting | Unreadable) => void;
  /** The outbox partition now belongs to another process. */
  readonly lostOutboxPartition: (broker: string, outboxPartition: number) => void;
  /** They could not be taken in order; they stay in the table. */
  readonly left: (all: readonly Offered[]) => void;
  /** Runs the function and reports its failure. */
  readonly attempt: (doing: string, run: () => Promise<void>) => Promise<void>;
  readonly pause: (ms: number) => Promise<void>;
}

const most = 2_000;

/**
 * Keeps the order per key between processes that write to one outbox: a row that another process has committed before
 * one of ours is published first, because it may have the same key. Gaps in the sequence numbers reveal such rows;
 * while no other process writes, there is nothing to read.
 */
export class OtherWriters {
  private readonly seqs = new AccountedSeqs();
  private waiting: Offered[] = [];
  private asked = false;
  private looking: Promise<void> | null = null;

  constructor(private readonly options: OtherWritersOptions) {}

  /** Call before the outbox partitions are read: that read finds what is committed until then. */
  async begin(): Promise<void> {
    const last = await this.options.table.lastSeq();
    await this.earlierEnded();
    this.seqs.begin(last);
  }

  /** Resolves when the transactions that run now have ended, after about a second at the latest. */
  async earlierEnded(): Promise<void> {
    const { table, pause } = this.options;
    const { next } = await table.snapshot();
    for (let tries = 0; tries < 100; tries += 1) {
      if ((await table.snapshot()).oldest >= next) break;
      await pause(10);
    }
  }

  /** Takes our rows in order, as soon as everything before them is known. */
  offer(all: readonly Offered[]): void {
    const [first] = all;
    if (!first) return;
    this.seqs.add(all.flatMap(({ rows }) => rows.map(({ seq }) => seq)));
    if (this.waiting.length === 0 && !this.seqs.isMissingBelow(first.seq)) {
      for (const each of all) this.options.take(each);
      return;
    }
    this.waiting.push(...all);
    this.look();
  }

  /** Another process has written up to `seq`. */
  received(seq: number): void {
    this.seqs.observe(seq);
    this.look();
  }

  /** Whether the row, or an earlier one of its outbox partition, waits here for its turn. */
  holdsUp(
    broker: string,
    { outboxPartition, seq }: Pick<Waiting, 'outboxPartition' | 'seq'>,
  ): boolean {
    return this.waiting.some(
      (each) =>
        each.broker === broker &&
        each.rows.some((row) => row.outboxPartition === outboxPartition && row.seq <= seq),
    );
  }

  /** Resolves when no read is in progress. */
  async idle(): Promise<void> {
    await this.looking;
  }

  private look(): void {
    this.asked = true;
    if (this.looking) return;
    this.looking = this.lookWhileWanted().then(() => {
      this.looking = null;
      if (this.asked) this.look();
    });
  }

  private async lookWhileWanted(): Promise<void> {
    await this.options.attempt('look for rows of other processes', async () => {
      while (this.asked) {
        this.asked = false;
        await this.lookOnce();
      }
    });
    // The read failed: the rows are later read from the table, in order.
    if (!this.asked && this.waiting.length > 0) this.options.left(this.waiting.splice(0));
  }

  /** Rows that are found were committed before this read, and so was everything that must precede them. */
  private async lookOnce(): Promise<void> {
    const ours = new Set(this.waiting);
    const highest = this.seqs.highest;
    const { rows, oldest, next } = await this.options.table.others(
      this.seqs.upTo,
      this.seqs.known(),
      most,
      this.options.ours(),
    );
    const through = rows.length < most ? Number.POSITIVE_INFINITY : (rows.at(-1)?.seq ?? 0);
    this.seqs.add(rows.map(({ seq }) => seq));
    if (rows.length < most) this.seqs.looked(highest, { oldest, next });
    else this.asked = true;
    // Rows offered since may have been found, too; they are taken in the order of the read.
    const found = new Set(rows.flatMap(({ row }) => row?.of ?? []));
    const isReady = (each: Offered) => (ours.has(each) ? each.seq <= through : found.has(each.seq));
    const ready = this.waiting.filter(isReady);
    this.waiting = this.waiting.filter((each) => !isReady(each));
    this.inTurn(rows, ready);
  }

  /** In the order of their numbers, whichever process wrote them. */
  private inTurn(rows: readonly OtherRow[], ready: readonly Offered[]): void {
    let own = 0;
    for (const { seq, broker, outboxPartition, row, later } of rows) {
      for (; (ready[own]?.seq ?? Number.POSITIVE_INFINITY) <= seq; own += 1)
        this.options.take(ready[own] as Offered);
      if (row) this.options.found(broker, row);
      else if (!later) this.options.lostOutboxPartition(broker, outboxPartition);
    }
    for (const row of ready.slice(own)) this.options.take(row);
  }
}
