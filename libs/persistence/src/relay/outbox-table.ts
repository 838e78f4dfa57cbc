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
    return this.find('outbox_read', 'o.due_at is null or o.due_at <= waybill_now()', lanes, [
      limit,
    ]);
  }

  /** Rows of these lanes that fell due, and rows that nobody took within `ageMs` of their commit. */
  overdue(lanes: readonly Lane[], ageMs: number, limit: number): Promise<Found[]> {
    const late = `coalesce(o.due_at, o.at + $6 * interval '1 millisecond') <= waybill_now()`;
    return this.find('outbox_overdue', late, lanes, [limit, ageMs]);
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

  private async find(
    name: string,
    condition: string,
    lanes: readonly Lane[],
    more: readonly number[],
  ): Promise<Found[]> {
    if (lanes.length === 0) return [];
    const known = lanes.flatMap((lane) => [...lane.known]);
    const { rows } = await this.pool.query<Row>({
      name,
      text: `select o.seq, o.id, o.broker, o.lane, o.channel, o.body ${this.held}
        and (o.broker, o.lane) in (select * from unnest($2::text[], $3::integer[]))
        and o.seq <> all($4::bigint[]) and (${condition})
      order by o.seq limit $5`,
      values: [
        this.owner,
        lanes.map(({ broker }) => broker),
        lanes.map(({ lane }) => lane),
        known,
        ...more,
      ],
    });
    return rows.map(({ seq, id, broker, lane, channel, body }) => ({
      broker,
      row: { seq: Number(seq), id, lane, channel, body, envelope: decode(body) },
    }));
  }
}
