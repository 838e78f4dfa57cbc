import type { Pool, PoolClient } from 'pg';

/** The lease has ended, and another process may do its task now. */
export class LeaseLost extends Error {
  readonly code = 'lease_lost';
  constructor(name: string) {
    super(`another process may do ${name} now`);
    this.name = 'LeaseLost';
  }
}

/** The right to do a task, which one process at a time has. */
export class TaskLease {
  constructor(
    private readonly pool: Pool,
    readonly name: string,
    private readonly fence: string,
  ) {}

  /** Lets it end `ms` from now, by the clock of the database. Rejects with `LeaseLost` if another process has it. */
  async renew(ms: number): Promise<void> {
    await this.update("ends_at = waybill_now() + $3 * interval '1 millisecond'", ms);
  }

  /** Ends it; other processes wait until `ms` after it was taken. */
  async end(ms: number): Promise<void> {
    await this.update("ends_at = taken_at + $3 * interval '1 millisecond'", ms);
  }

  /**
   * Runs `work` in a transaction, and no other process can take the lease before that has ended. Rejects with `LeaseLost`,
   * without effect, if another process has it.
   */
  async transaction<T>(work: (client: PoolClient) => Promise<T>): Promise<T> {
    const client = await this.pool.connect();
    let broken: Error | undefined;
    try {
      await client.query('begin');
      const mine = 'select from task_lease where name = $1 and fence = $2 for share';
      const { rowCount } = await client.query(mine, [this.name, this.fence]);
      if (rowCount === 0) throw new LeaseLost(this.name);
      const result = await work(client);
      await client.query('commit');
      return result;
    } catch (error) {
      await client.query('rollback').catch((failure: Error) => {
        broken = failure;
      });
      throw error;
    } finally {
      client.release(broken);
    }
  }

  private async update(change: string, ms: number): Promise<void> {
    const { rowCount } = await this.pool.query(
      `update task_lease set ${change} where name = $1 and fence = $2`,
      [this.name, this.fence, ms],
    );
    if (rowCount === 0) throw new LeaseLost(this.name);
  }
}

/** The leases of the tasks of a service, in its database. They end by its clock, also when their process was killed. */
export class TaskLeases {
  constructor(
    private readonly pool: Pool,
    /** Names this process, for people who look into the table. */
    private readonly holder: string,
  ) {}

  /** The lease of a task for `ms`, with a greater fence each time; undefined while it is taken. */
  async take(name: string, ms: number): Promise<TaskLease | undefined> {
    const { rows } = await this.pool.query<{ fence: string }>(take, [name, this.holder, ms]);
    return rows[0] && new TaskLease(this.pool, name, rows[0].fence);
  }
}

const take = `insert into task_lease as lease (name, holder, fence, taken_at, ends_at)
  select $1, $2, 1, now, now + $3 * interval '1 millisecond' from (select waybill_now() as now) clock
  on conflict (name) do update set holder = excluded.holder, fence = lease.fence + 1,
    taken_at = excluded.taken_at, ends_at = excluded.ends_at
  -- The second condition is for a clock that was set back.
  where lease.ends_at <= excluded.taken_at or lease.taken_at > excluded.taken_at returning fence`;
