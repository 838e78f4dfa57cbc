import { decode } from '@waybill/contracts';
import type { Pool } from 'pg';
import type { Lane, Waiting } from './lane.ts';

interface Row {
  readonly seq: string;
  readonly id: string;
  readonly broker: string;
  readonly lane: number;
  readonly channel: string;
  readonly body: string;
}

/** A row with the name of its broker. */
export interface Found {
  readonly broker: string;
  readonly row: Waiting;
}

export interface OutboxLag {
  readonly broker: string;
  readonly waiting: number;
  readonly oldestMs: number;
}

/** Rows that one look at the table may find; most of them are in flight, and their bodies are not read. */
const mostOverdue = 2_000;

/** The statements of a relay. Every read gives rows of lanes that `owner` holds at that moment, and no others. */
export class OutboxTable {
  private readonly held: string;

  constructor(
    private readonly pool: Pool,
    private readonly owner: string,
    exclusive: boolean,
  ) {
    const alive = `and exists (select from relay_owner where owner = $1 and expires_at > waybill_now())`;
    this.held = `from outbox o join relay_lane l on l.broker = o.broker and l.lane = o.lane
      where l.owner = $1 ${exclusive ? '' : alive}`;
  }

  /** The first rows of these lanes that they do not know, in order. */
  read(lanes: readonly Lane[], limit: number): Promise<Found[]> {
    const known = lanes.flatMap((lane) => [...lane.known]);
    return this.find(
      'outbox_read',
      `(o.broker, o.lane) in (select * from unnest($2::text[], $3::integer[]))
        and o.seq <> all($4::bigint[]) and (o.due_at is null or o.due_at <= waybill_now())
      order by o.seq limit $5`,
      [lanes.map(({ broker }) => broker), lanes.map(({ lane }) => lane), known, limit],
    );
  }

  /** Rows that fell due, and rows that none of these lanes took within `ageMs` of their commit. */
  async overdue(lanes: readonly Lane[], ageMs: number): Promise<Found[]> {
    if (lanes.length === 0) return [];
    const { rows } = await this.pool.query<{ seq: string; broker: string; lane: number }>({
      name: 'outbox_overdue',
      text: `(select seq, broker, lane from outbox
          where due_at is not null and due_at <= waybill_now() order by due_at limit $2)
        union all (select seq, broker, lane from outbox
          where due_at is null and at <= waybill_now() - $1 * interval '1 millisecond' order by seq limit $2)`,
      values: [ageMs, mostOverdue],
    });
    const byName = new Map(lanes.map((lane) => [`${lane.broker}/${lane.lane}`, lane]));
    const unknown = rows
      .filter(({ seq, broker, lane }) => {
        const known = byName.get(`${broker}/${lane}`)?.known;
        return known !== undefined && !known.has(Number(seq));
      })
      .map(({ seq }) => seq);
    if (unknown.length === 0) return [];
    return this.find('outbox_taken', 'o.seq = any($2::bigint[]) order by o.seq', [unknown]);
  }

  /** Milliseconds until the next row falls due, by the database's clock. */
  async nextDue(): Promise<number | null> {
    const { rows } = await this.pool.query<{ ms: string | null }>({
      name: 'outbox_next_due',
      text: `select extract(epoch from min(due_at) - waybill_now()) * 1000 as ms
      from outbox where due_at > waybill_now()`,
    });
    const ms = rows[0]?.ms;
    return ms === null || ms === undefined ? null : Number(ms);
  }

  async delete(seqs: readonly number[]): Promise<void> {
    await this.pool.query({
      name: 'outbox_delete',
      text: 'delete from outbox where seq = any($1::bigint[])',
      values: [seqs],
    });
  }

  /** Names of brokers that rows wait for; a setting may have changed since they were written. */
  async brokers(): Promise<string[]> {
    const { rows } = await this.pool.query<{ broker: string }>(
      'select distinct broker from outbox order by 1',
    );
    return rows.map(({ broker }) => broker);
  }

  async lag(): Promise<OutboxLag[]> {
    const { rows } = await this.pool.query<{ broker: string; n: string; ms: string }>(
      `select broker, count(*) n, extract(epoch from waybill_now() - min(coalesce(due_at, at))) * 1000 ms
      from outbox where due_at is null or due_at <= waybill_now() group by broker order by broker`,
    );
    return rows.map(({ broker, n, ms }) => ({ broker, waiting: Number(n), oldestMs: Number(ms) }));
  }

  private async find(name: string, condition: string, more: readonly unknown[]): Promise<Found[]> {
    const { rows } = await this.pool.query<Row>({
      name,
      text: `select o.seq, o.id, o.broker, o.lane, o.channel, o.body ${this.held} and ${condition}`,
      values: [this.owner, ...more],
    });
    return rows.map(({ seq, id, broker, lane, channel, body }) => ({
      broker,
      row: { seq: Number(seq), id, lane, channel, body, envelope: decode(body) },
    }));
  }
}
