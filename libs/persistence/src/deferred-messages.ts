import type { DeferredRow } from '@waybill/messaging';
import type { Pool } from 'pg';

interface Row {
  readonly group_name: string;
  readonly message_id: string;
  readonly shard: number;
  readonly key: string;
  readonly channel: string;
  readonly body: string;
  readonly attempt: number;
  readonly first_at: Date;
  readonly due_at: Date | null;
  readonly reason: DeferredRow['reason'];
  readonly error: string | null;
}

const columns =
  'p.group_name, p.message_id, p.shard, p.key, p.channel, p.body, p.attempt, p.first_at, p.due_at, p.reason, p.error';

/** The deferred messages in the database of a service, in order per key. */
export class DeferredMessages {
  constructor(private readonly pool: Pool) {}

  async keys(group: string, partitions: readonly number[]): Promise<ReadonlyMap<string, number>> {
    const { rows } = await this.pool.query<{ key: string; n: string }>(
      `select key, count(*) n from parked
      where group_name = $1 and shard = any($2) and reason <> 'redriven' group by key`,
      [group, partitions],
    );
    return new Map(rows.map(({ key, n }) => [`${group}/${key}`, Number(n)]));
  }

  /**
   * The first message of each key, if it is due. Redriven messages never block their key: those of a key are returned
   * together, up to its first message of another kind.
   */
  async due(group: string, partitions: readonly number[], limit: number): Promise<DeferredRow[]> {
    const { rows } = await this.pool.query<Row>({
      name: 'parked_due',
      text: `with first as (
        select key, min(seq) seq, min(seq) filter (where reason <> 'redriven') waits
        from parked where group_name = $1 and shard = any($2) group by key
      ) select ${columns} from first f
      join parked p on p.group_name = $1 and p.key = f.key
        and (p.seq = f.seq or p.reason = 'redriven' and (f.waits is null or p.seq < f.waits))
      where p.reason not in ('held', 'asking') and (p.due_at is null or p.due_at <= (select waybill_now()))
      order by p.due_at nulls first, p.seq limit $3`,
      values: [group, partitions, limit],
    });
    return rows.map(deferredRow);
  }

  async ofKey(group: string, key: string, limit: number): Promise<DeferredRow[]> {
    const { rows } = await this.pool.query<Row>({
      name: 'parked_of_key',
      text: `select ${columns} from parked p where p.group_name = $1 and p.key = $2 order by p.seq limit $3`,
      values: [group, key, limit],
    });
    return rows.map(deferredRow);
  }
}

const deferredRow = (row: Row): DeferredRow => ({
  group: row.group_name,
  messageId: row.message_id,
  partition: row.shard,
  key: row.key,
  channel: row.channel,
  body: row.body,
  attempt: row.attempt,
  firstAt: row.first_at.toISOString(),
  dueAt: row.due_at?.toISOString() ?? null,
  reason: row.reason,
  error: row.error,
});
