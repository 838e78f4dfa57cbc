import type { Pool } from 'pg';
import { isPresent } from '../presence.ts';

export interface OutboxPartitionName {
  readonly broker: string;
  readonly outboxPartition: number;
}

/** The result of a renewal: the outbox partitions of this process, and how many are its fair share. */
export interface Lease {
  readonly outboxPartitions: readonly OutboxPartitionName[];
  readonly share: number;
}

/**
 * True for the row `o` of an owner that may still publish: its lease has not expired, and its listening connection
 * exists. The connection ends when a process dies; the lease covers a process that is frozen.
 */
const isAlive = `o.expires_at > (select waybill_now()) and ${isPresent('o.owner')}`;

/** True for the row of an owner whose lease expired over a minute ago. */
const isForgotten = `expires_at < (select waybill_now()) - interval '1 minute'`;

/**
 * Extends the lease of the owner `$1` by `$2` milliseconds. `is_new` is true for its first lease, and after other
 * processes have deleted it as dead.
 */
const beat = `insert into relay_owner (owner, expires_at)
  values ($1, waybill_now() + $2 * interval '1 millisecond')
  on conflict (owner) do update set expires_at = excluded.expires_at returning xmax = 0 as is_new`;

/** The tables at the time of a renewal. */
interface Seen {
  /** If true, `lanes` may be from before other processes took them. */
  readonly isNew: boolean;
  readonly owners: number;
  readonly forgotten: number;
  readonly total: number;
  /** Outbox partitions of the brokers that this process uses. */
  readonly known: number;
  readonly lanes: readonly OutboxPartitionName[];
}

type SeenColumns = Record<Exclude<keyof Seen, 'isNew'>, string> & Pick<Seen, 'isNew'>;

/** Each outbox partition has at most one owner, which is alive and holds a lease by the database's clock. */
export class OutboxPartitionLeases {
  constructor(
    private readonly pool: Pool,
    private readonly owner: string,
    private readonly outboxPartitions: number,
    private readonly leaseMs: number,
  ) {}

  /**
   * Takes every outbox partition, whoever owns it. Only for the single process that may use this database. The database may
   * execute a statement of a killed predecessor late: the epoch, read first, keeps it from taking anything back.
   */
  async takeAll(brokers: readonly string[]): Promise<readonly OutboxPartitionName[]> {
    await this.pool.query('delete from relay_owner');
    for (;;) {
      const { rows } = await this.pool.query<{ epoch: string }>(
        'select coalesce(max(epoch), 0) + 1 as epoch from relay_lane',
      );
      await this.pool.query(
        `insert into relay_lane as l (broker, lane, owner, epoch)
        select b, n, $1, $4::bigint from unnest($2::text[]) b, generate_series(0, $3 - 1) n order by 1, 2
        on conflict (broker, lane) do update set owner = $1, epoch = $4 where l.epoch < $4`,
        [this.owner, brokers, this.outboxPartitions, rows[0]?.epoch],
      );
      const held = await this.held();
      if (held.length >= brokers.length * this.outboxPartitions) return held;
    }
  }

  /**
   * Renews the lease, returns `released`, and claims free outbox partitions up to the fair share. Usually one
   * statement, because every process runs it twice a second.
   */
  async renew(
    brokers: readonly string[],
    released: readonly OutboxPartitionName[],
  ): Promise<Lease> {
    if (released.length > 0) await this.release(released);
    let seen = await this.beatAndLook(brokers);
    if (seen.forgotten > 0) await this.forget();
    const lacksOutboxPartitions = seen.known < brokers.length * this.outboxPartitions;
    if (lacksOutboxPartitions) await this.addMissing(brokers);
    if (lacksOutboxPartitions || seen.isNew) {
      seen = await this.beatAndLook(brokers);
    }
    const share = Math.ceil(seen.total / seen.owners);
    if (seen.lanes.length >= share) return { outboxPartitions: seen.lanes, share };
    await this.claim(share - seen.lanes.length);
    return { outboxPartitions: await this.held(), share };
  }

  /** Returns everything, so the next owner does not wait for the lease to expire. */
  async giveBack(): Promise<void> {
    await this.pool.query('update relay_lane set owner = null where owner = $1', [this.owner]);
    await this.pool.query('delete from relay_owner where owner = $1', [this.owner]);
  }

  /** A statement does not see its own writes, so this owner is counted separately. */
  private async beatAndLook(brokers: readonly string[]): Promise<Seen> {
    const { rows } = await this.pool.query<SeenColumns>({
      name: 'relay_look',
      text: `with beat as (${beat})
        select (select is_new from beat) "isNew", (select count(*) + 1 from relay_owner o where o.owner <> $1 and ${isAlive}) owners,
        (select count(*) from relay_owner where owner <> $1 and ${isForgotten}) forgotten,
        count(*) total, count(*) filter (where broker = any($3)) known,
        coalesce(json_agg(json_build_object('broker', broker, 'outboxPartition', lane) order by broker, lane)
          filter (where owner = $1), '[]')::text lanes from relay_lane`,
      values: [this.owner, this.leaseMs, brokers],
    });
    const [row] = rows as [SeenColumns];
    return {
      isNew: row.isNew,
      owners: Number(row.owners),
      forgotten: Number(row.forgotten),
      total: Number(row.total),
      known: Number(row.known),
      lanes: JSON.parse(row.lanes) as OutboxPartitionName[],
    };
  }

  private async forget(): Promise<void> {
    await this.pool.query(`delete from relay_owner where ${isForgotten}`);
  }

  private async addMissing(brokers: readonly string[]): Promise<void> {
    await this.pool.query({
      name: 'relay_lanes',
      text: `insert into relay_lane (broker, lane)
      select b, n from unnest($1::text[]) b, generate_series(0, $2 - 1) n
      where not exists (select from relay_lane l where l.broker = b and l.lane = n)
      on conflict do nothing`,
      values: [brokers, this.outboxPartitions],
    });
  }

  /** Deletes dead owners in the same statement, so an owner that returns at this moment waits, and then sees what it lost. */
  private async claim(count: number): Promise<void> {
    await this.pool.query({
      name: 'relay_claim',
      text: `with gone as (
        delete from relay_owner o where o.owner <> $1 and not (${isAlive}) returning o.owner
      ), free as (
        select f.broker, f.lane from relay_lane f
        where f.owner is null or f.owner in (select owner from gone)
          or not exists (select from relay_owner o where o.owner = f.owner)
        order by f.broker, f.lane for update of f skip locked
      )
      update relay_lane l set owner = case when placed.place <= $2 then $1 end, epoch = l.epoch + 1
        from (select *, row_number() over (order by broker, lane) as place from free) placed
        where l.broker = placed.broker and l.lane = placed.lane and (l.owner is not null or placed.place <= $2)`,
      values: [this.owner, count],
    });
  }

  private async release(outboxPartitions: readonly OutboxPartitionName[]): Promise<void> {
    await this.pool.query(
      `update relay_lane set owner = null where owner = $1
        and (broker, lane) in (select * from unnest($2::text[], $3::integer[]))`,
      [
        this.owner,
        outboxPartitions.map(({ broker }) => broker),
        outboxPartitions.map(({ outboxPartition }) => outboxPartition),
      ],
    );
  }

  private async held(): Promise<OutboxPartitionName[]> {
    const { rows } = await this.pool.query<OutboxPartitionName>({
      name: 'relay_held',
      text: 'select broker, lane "outboxPartition" from relay_lane where owner = $1 order by broker, lane',
      values: [this.owner],
    });
    return rows;
  }
}
