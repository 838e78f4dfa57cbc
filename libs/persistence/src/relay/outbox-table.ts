import { decode } from '@waybill/message';
import type { ConfirmedPage } from '@waybill/messaging';
import type { Pool } from 'pg';
import { outboxPartitionsMask } from '../outbox-page.ts';
import type { OutboxPartition, Unreadable, Waiting } from './outbox-partition.ts';

interface Row {
  readonly seq: string;
  readonly broker: string;
  readonly lane: number;
  readonly channel: string;
  readonly body: string;
  readonly page: string | null;
}

export interface Found {
  readonly broker: string;
  readonly row: Waiting | Unreadable;
}

/** Messages that are due and wait for one broker, and the age of the oldest one. */
export interface OutboxLag {
  readonly broker: string;
  readonly waiting: number;
  readonly oldestMs: number;
}

/** A row of another process; `row` is null if we do not own its outbox partition, or if it is not due yet. */
export interface OtherRow {
  readonly seq: number;
  readonly broker: string;
  readonly outboxPartition: number;
  readonly row: Waiting | Unreadable | null;
  /** It has a due time: a timer takes it. */
  readonly later: boolean;
}

/** Transaction ids: all before `oldest` have ended, none from `next` on has started. */
export interface Snapshot {
  readonly oldest: bigint;
  readonly next: bigint;
}

/** The rows to publish that one read found, and when to read again. */
export interface Overdue {
  readonly found: readonly Found[];
  /** Null: no later row has a due time. */
  readonly nextDueMs: number | null;
}

/** Without a broker: a page that no process publishes. Without a number: only the time. */
interface OverdueColumns {
  readonly seq: string | null;
  readonly broker: string | null;
  readonly lane: number | null;
  readonly ms: string | null;
}

interface OtherColumns extends Row {
  readonly ours: boolean;
  readonly later: boolean;
  readonly oldest: string;
  readonly next: string;
}

/** The `xmax` of a snapshot would not do as `next`: transactions that run may have later ids, if none of these has ended. */
const snapshotColumns = `pg_snapshot_xmin(pg_current_snapshot())::text as oldest,
  pg_current_xact_id()::text as next`;

/** Brokers, each with its outbox partitions as bits. */
const asked = 'unnest($2::text[], $3::bigint[])';
/** Includes the outbox partitions that the owner has now, which may differ from the given ones. */
const requestedOrOurs = `(select broker, bit_or(lanes) from (
    select * from ${asked} union all select broker, 1::bigint << lane from relay_lane where owner = $1
  ) o(broker, lanes) group by broker)`;
/** A page that is known completely is not unpacked: `$5` is the floor, `$6` are the known numbers above it. */
const unlessKnown = `and p.seqs[cardinality(p.seqs)] > $5 and p.seqs[cardinality(p.seqs)] <> all($6::bigint[])`;

/** The messages of pages with such outbox partitions, except the pages in `$4`. Unpacked once, whatever the plan. */
const paged = (outboxPartitions: string, also = ''): string => `with paged as materialized (
    select m.seq, m.broker, m.lane, m.channel, null::timestamptz as due_at, m.body, m.page from (
      select p.seq from outbox_page p join ${outboxPartitions} as w(broker, lanes) on w.broker = p.broker
        where p.lanes & w.lanes <> 0 and p.seq <> all($4::bigint[]) ${also} offset 0
    ) p, lateral (select * from outbox_message where page = p.seq offset 0) m
  )`;

/** Everything that waits and is not published from memory; a page in memory may have been unpacked into rows. */
const waitingRows = `(
    select seq, broker, lane, channel, due_at, body, page from outbox where page is null or page <> all($4::bigint[])
    union all select * from paged
  ) o`;

/** Maximum number of rows per read; most of them are in flight, and their bodies are not read. */
const mostOverdue = 2_000;

/** The statements of a relay. Every read returns only rows of outbox partitions that `owner` holds at that moment. */
export class OutboxTable {
  private readonly held: string;

  constructor(
    private readonly pool: Pool,
    private readonly owner: string,
    exclusive: boolean,
    /** The first numbers of pages that are published from memory. */
    private readonly heldPages: () => readonly number[],
  ) {
    const alive = `and exists (select from relay_owner where owner = $1 and expires_at > (select waybill_now()))`;
    this.held = `from ${waitingRows} join relay_lane l on l.broker = o.broker and l.lane = o.lane
      where l.owner = $1 ${exclusive ? '' : alive}`;
  }

  /** The first rows of these outbox partitions that are not known, in order. */
  read(outboxPartitions: readonly OutboxPartition[], limit: number): Promise<Found[]> {
    const known = outboxPartitions.flatMap((outboxPartition) => [...outboxPartition.known]);
    return this.find(
      'outbox_read',
      outboxPartitions,
      `(o.broker, o.lane) in (select * from unnest($5::text[], $6::integer[]))
        and o.seq <> all($7::bigint[]) and (o.due_at is null or o.due_at <= (select waybill_now()))
      order by o.seq limit $8`,
      [
        outboxPartitions.map(({ broker }) => broker),
        outboxPartitions.map(({ outboxPartition }) => outboxPartition),
        known,
        limit,
      ],
    );
  }

  /**
   * Rows that fell due, and rows that none of these outbox partitions took within `ageMs` of their commit; and in how
   * many milliseconds the next one falls due, by the database's clock.
   */
  async overdue(outboxPartitions: readonly OutboxPartition[], ageMs: number): Promise<Overdue> {
    const { rows } = await this.pool.query<OverdueColumns>({
      name: 'outbox_overdue',
      text: `(select seq, broker, lane, null::numeric as ms from outbox
          where due_at is not null and due_at <= (select waybill_now()) order by due_at limit $2)
        union all (select seq, broker, lane, null::numeric from outbox
          where due_at is null and at <= (select waybill_now()) - $1 * interval '1 millisecond'
            and (page is null or page <> all($3::bigint[])) order by seq limit $2)
        union all (select seq, null, null, null::numeric from outbox_page
          where at <= (select waybill_now()) - $1 * interval '1 millisecond' and seq <> all($3::bigint[]) order by seq limit $2)
        union all select null, null, null, extract(epoch from min(due_at) - waybill_now()) * 1000
          from outbox where due_at > (select waybill_now())`,
      // Without outbox partitions no row can be taken, so only the time is read.
      values: [ageMs, outboxPartitions.length === 0 ? 0 : mostOverdue, this.heldPages()],
    });
    const byName = new Map(
      outboxPartitions.map((outboxPartition) => [
        `${outboxPartition.broker}/${outboxPartition.outboxPartition}`,
        outboxPartition,
      ]),
    );
    const unknown = rows
      .filter(({ seq, broker, lane: outboxPartition }) => {
        const known = byName.get(`${broker}/${outboxPartition}`)?.known;
        return known !== undefined && !known.has(Number(seq));
      })
      .map(({ seq }) => seq);
    const pages = rows.flatMap(({ seq, broker }) => (seq !== null && broker === null ? [seq] : []));
    const ms = rows.find(({ seq }) => seq === null)?.ms ?? null;
    const condition = '(o.seq = any($5::bigint[]) or o.page = any($6::bigint[])) order by o.seq';
    return {
      found:
        unknown.length + pages.length === 0
          ? []
          : await this.find('outbox_taken', outboxPartitions, condition, [unknown, pages]),
      nextDueMs: ms === null ? null : Number(ms),
    };
  }

  /** At most `limit` unknown rows above `floor`, in order; bodies only for owned outbox partitions. */
  async others(
    floor: number,
    known: readonly number[],
    limit: number,
    ours: readonly OutboxPartition[],
  ): Promise<Snapshot & { readonly rows: readonly OtherRow[] }> {
    const { rows } = await this.pool.query<OtherColumns>({
      name: 'outbox_others',
      text: `${paged(requestedOrOurs, unlessKnown)} select s.*, o.* from (select ${snapshotColumns}) s left join (
        select o.seq, o.broker, o.lane, o.page, o.due_at is not null as later, l.owner is not null as ours,
          case when l.owner is not null then o.channel end as channel,
          case when l.owner is not null and o.due_at is null then o.body end as body
        from ${waitingRows} left join relay_lane l on l.broker = o.broker and l.lane = o.lane and l.owner = $1
        where o.seq > $5 and o.seq <> all($6::bigint[]) order by o.seq limit $7
      ) o on true order by o.seq`,
      values: [this.owner, ...this.pagesOf(ours), floor, known, limit],
    });
    const [first] = rows as [OtherColumns];
    return {
      oldest: BigInt(first.oldest),
      next: BigInt(first.next),
      rows: rows.filter(({ seq }) => seq !== null).map(otherRow),
    };
  }

  async snapshot(): Promise<Snapshot> {
    const { rows } = await this.pool.query<{ oldest: string; next: string }>(
      `select ${snapshotColumns}`,
    );
    const [first] = rows as [{ oldest: string; next: string }];
    return { oldest: BigInt(first.oldest), next: BigInt(first.next) };
  }

  /** The last number that was assigned, whether or not its row is committed. */
  async lastSeq(): Promise<number> {
    const { rows } = await this.pool.query<{ last: string | null }>(
      `select pg_sequence_last_value(pg_get_serial_sequence('outbox', 'seq')::regclass)::text as last`,
    );
    return Number(rows[0]?.last ?? 0);
  }

  async deleteRows(seqs: readonly number[]): Promise<void> {
    await this.pool.query({
      name: 'outbox_delete',
      text: 'delete from outbox where seq = any($1::bigint[])',
      values: [seqs],
    });
  }

  /** Deletes the pages, and the rows of pages that were unpacked. */
  async deletePages(pages: readonly ConfirmedPage[]): Promise<void> {
    const firsts = pages.map(({ first }) => first);
    const { rowCount } = await this.pool.query({
      name: 'outbox_delete_pages',
      text: 'delete from outbox_page where seq = any($1::bigint[])',
      values: [firsts],
    });
    if (rowCount === firsts.length) return;
    await this.pool.query(
      `delete from outbox o using unnest($1::bigint[], $2::bigint[]) as p(first, last)
      where o.seq between p.first and p.last and o.page = p.first`,
      [firsts, pages.map(({ last }) => last)],
    );
  }

  /** Unpacks these pages into rows, as far as they still exist. */
  async unpackPages(firsts: readonly number[]): Promise<void> {
    await this.pool.query('select outbox_unpack($1::bigint[])', [firsts]);
  }

  /** Names of brokers that rows wait for; the settings may have changed since they were written. */
  async brokers(): Promise<string[]> {
    const { rows } = await this.pool.query<{ broker: string }>(
      'select broker from outbox union select broker from outbox_page order by 1',
    );
    return rows.map(({ broker }) => broker);
  }

  async lag(): Promise<OutboxLag[]> {
    const { rows } = await this.pool.query<{ broker: string; n: string; ms: string }>(
      `select broker, sum(n) n, extract(epoch from waybill_now() - min(at)) * 1000 ms from (
        select broker, 1 n, coalesce(due_at, at) at from outbox where due_at is null or due_at <= (select waybill_now())
        union all select broker, cardinality(seqs), at from outbox_page
      ) waiting group by broker order by broker`,
    );
    return rows.map(({ broker, n, ms }) => ({ broker, waiting: Number(n), oldestMs: Number(ms) }));
  }

  /** The pages to read in addition to the rows: those with messages of these outbox partitions that are not held in memory. */
  private pagesOf(
    outboxPartitions: readonly OutboxPartition[],
  ): readonly [string[], string[], readonly number[]] {
    const numbers = new Map<string, number[]>();
    for (const { broker, outboxPartition } of outboxPartitions) {
      const known = numbers.get(broker);
      if (known) known.push(outboxPartition);
      else numbers.set(broker, [outboxPartition]);
    }
    const masks = [...numbers.values()].map((of) => String(outboxPartitionsMask(of)));
    return [[...numbers.keys()], masks, this.heldPages()];
  }

  private async find(
    name: string,
    outboxPartitions: readonly OutboxPartition[],
    condition: string,
    more: readonly unknown[],
  ): Promise<Found[]> {
    const { rows } = await this.pool.query<Row>({
      name,
      text: `${paged(asked)} select o.seq, o.broker, o.lane, o.channel, o.body, o.page ${this.held} and ${condition}`,
      values: [this.owner, ...this.pagesOf(outboxPartitions), ...more],
    });
    return rows.map((row) => ({ broker: row.broker, row: waiting(row) }));
  }
}

function waiting({ seq, lane: outboxPartition, channel, body, page }: Row): Waiting | Unreadable {
  const of = page === null ? null : Number(page);
  try {
    const envelope = decode(body);
    return { seq: Number(seq), id: envelope.id, outboxPartition, channel, body, envelope, of };
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    const reason = new Error(`row ${seq} of the outbox is not a message: ${why}`, { cause });
    return { seq: Number(seq), outboxPartition, of, reason };
  }
}

const otherRow = (row: OtherColumns): OtherRow => ({
  seq: Number(row.seq),
  broker: row.broker,
  outboxPartition: row.lane,
  row: row.ours && !row.later ? waiting(row) : null,
  later: row.later,
});
