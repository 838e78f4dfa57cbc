import type { Pool } from 'pg';
import { isPresent } from '../presence.ts';

export interface LaneName {
  readonly broker: string;
  readonly lane: number;
}

/** What a renewal says: the lanes that are ours, and how many are our fair share. */
export interface Lease {
  readonly lanes: readonly LaneName[];
  readonly share: number;
}

/**
 * True for the row `o` of an owner that may still publish: its lease has not run out, and the connection that it
 * listens on is there. That ends at once when a process dies; the lease is for one that stands still.
 */
const isAlive = `o.expires_at > waybill_now() and ${isPresent('o.owner')}`;

/** Lanes have one owner at a time, that lives and holds a lease by the database's clock. */
export class LaneLeases {
  constructor(
    private readonly pool: Pool,
    private readonly owner: string,
    private readonly lanes: number,
    private readonly leaseMs: number,
  ) {}

  /** Takes every lane at once, whoever has it: for the one process that may use this database at all. */
  async takeAll(brokers: readonly string[]): Promise<readonly LaneName[]> {
    await this.pool.query('delete from relay_owner');
    await this.pool.query(
      `insert into relay_lane as l (broker, lane, owner, epoch)
      select b, n, $1, 1 from unnest($2::text[]) b, generate_series(0, $3 - 1) n order by 1, 2
      on conflict (broker, lane) do update set owner = $1, epoch = l.epoch + 1`,
      [this.owner, brokers, this.lanes],
    );
    return this.held();
  }

  /** Renews the lease, gives back `released`, and claims free lanes up to the fair share. */
  async renew(brokers: readonly string[], released: readonly LaneName[]): Promise<Lease> {
    await this.heartbeat();
    if (released.length > 0) await this.release(released);
    await this.addMissing(brokers);
    const { rows } = await this.pool.query<{ owners: string; mine: string; total: string }>({
      name: 'relay_share',
      text: `select (select count(*) from relay_owner o where ${isAlive}) owners,
        count(*) filter (where owner = $1) mine, count(*) total from relay_lane`,
      values: [this.owner],
    });
    const counts = rows[0];
    const share = Math.ceil(Number(counts?.total ?? 0) / Math.max(1, Number(counts?.owners ?? 1)));
    if (Number(counts?.mine ?? 0) < share) await this.claim(share - Number(counts?.mine ?? 0));
    return { lanes: await this.held(), share };
  }

  /** Gives everything back, so that the next owner need not wait for the lease to expire. */
  async giveBack(): Promise<void> {
    await this.pool.query('update relay_lane set owner = null where owner = $1', [this.owner]);
    await this.pool.query('delete from relay_owner where owner = $1', [this.owner]);
  }

  private async heartbeat(): Promise<void> {
    await this.pool.query({
      name: 'relay_heartbeat',
      text: `insert into relay_owner (owner, expires_at)
      values ($1, waybill_now() + $2 * interval '1 millisecond')
      on conflict (owner) do update set expires_at = excluded.expires_at`,
      values: [this.owner, this.leaseMs],
    });
    await this.pool.query(
      `delete from relay_owner where expires_at < waybill_now() - interval '1 minute'`,
    );
  }

  private async addMissing(brokers: readonly string[]): Promise<void> {
    await this.pool.query({
      name: 'relay_lanes',
      text: `insert into relay_lane (broker, lane)
      select b, n from unnest($1::text[]) b, generate_series(0, $2 - 1) n
      where not exists (select from relay_lane l where l.broker = b and l.lane = n)
      on conflict do nothing`,
      values: [brokers, this.lanes],
    });
  }

  private async claim(count: number): Promise<void> {
    await this.pool.query({
      name: 'relay_claim',
      text: `update relay_lane l set owner = $1, epoch = l.epoch + 1 from (
        select f.broker, f.lane from relay_lane f
        where not exists (select from relay_owner o where o.owner = f.owner and ${isAlive})
        order by f.broker, f.lane limit $2 for update of f skip locked
      ) free where l.broker = free.broker and l.lane = free.lane`,
      values: [this.owner, count],
    });
  }

  private async release(lanes: readonly LaneName[]): Promise<void> {
    await this.pool.query(
      `update relay_lane set owner = null where owner = $1
        and (broker, lane) in (select * from unnest($2::text[], $3::integer[]))`,
      [this.owner, lanes.map(({ broker }) => broker), lanes.map(({ lane }) => lane)],
    );
  }

  private async held(): Promise<LaneName[]> {
    const { rows } = await this.pool.query<LaneName>({
      name: 'relay_held',
      text: 'select broker, lane from relay_lane where owner = $1 order by broker, lane',
      values: [this.owner],
    });
    return rows;
  }
}
