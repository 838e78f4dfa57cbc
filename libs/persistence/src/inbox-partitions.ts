import type { Clock } from '@waybill/messaging';
import type { Pool, PoolClient } from 'pg';

const hour = 3_600_000;
const day = 24 * hour;

/** How an inbox is maintained, and which callbacks report it. */
export interface InboxKeeping {
  readonly clock: Clock;
  readonly onError?: (error: unknown) => void;
  /** Receives the number of days that were dropped. */
  readonly onDropped?: (days: number) => void;
}

/**
 * The inbox, partitioned by day of the time in the message ids. Rows without a partition of their own go to a default
 * one, so no message is rejected here for its age; `oldest` returns what was dropped.
 */
export class InboxPartitions {
  private known: number | null = null;

  constructor(private readonly pool: Pool) {}

  /** Creates and drops partitions now and then every hour; the returned function stops it. */
  keep(retentionMs: number, options: InboxKeeping): () => void {
    let stopped = false;
    let forget = (): void => {};
    const run = async (): Promise<void> => {
      try {
        await this.ensure();
        const dropped = await this.drop(retentionMs);
        if (dropped > 0) options.onDropped?.(dropped);
        await this.look();
      } catch (error) {
        options.onError?.(error);
      }
      if (!stopped) forget = options.clock.after(hour, () => void run());
    };
    forget = options.clock.after(0, () => void run());
    return () => {
      stopped = true;
      forget();
    };
  }

  /** Creates the partitions of today and the days ahead, by the database's clock. */
  async ensure(daysAhead = 2): Promise<void> {
    const today = Math.floor((await this.now()) / day);
    const known = new Set((await this.days()).map(({ start }) => start));
    for (let i = -1; i <= daysAhead; i += 1) {
      if (!known.has((today + i) * day)) await this.create((today + i) * day);
    }
  }

  /**
   * Drops whole days that are older than `retentionMs`. Rows stay a day longer than `oldest` states, so every replica
   * rejects a message before its row is gone. Returns how many days were dropped.
   */
  async drop(retentionMs: number): Promise<number> {
    const limit = Math.floor(((await this.now()) - retentionMs) / day) * day;
    const gone = limit - day;
    const old = (await this.days()).filter(({ start }) => start < gone);
    await this.transaction(async (client) => {
      for (const { name } of old) await client.query(`drop table if exists ${name}`);
      await client.query('delete from inbox_default where message_id < $1', [idAt(gone)]);
      await client.query('delete from journey_page where at < to_timestamp($1 / 1000.0)', [gone]);
      await client.query('delete from inbox_horizon where at < to_timestamp($1 / 1000.0)', [limit]);
      await client.query(
        `insert into inbox_horizon select to_timestamp($1 / 1000.0)
        where not exists (select from inbox_horizon)`,
        [limit],
      );
    });
    return old.length;
  }

  /** Messages with ids from before this moment may have been dropped; null while none were. */
  async oldest(): Promise<Date | null> {
    const { rows } = await this.pool.query<{ at: Date }>('select max(at) at from inbox_horizon');
    return rows[0]?.at ?? null;
  }

  /** Reads `oldest`, so that `lastKnownOldest` returns it. */
  async look(): Promise<void> {
    this.known = (await this.oldest())?.getTime() ?? null;
  }

  /** The value of `oldest` at the last `look`, in milliseconds since the epoch. */
  lastKnownOldest(): number | null {
    return this.known;
  }

  /** The partitions, each with the start of its day in milliseconds since the epoch. */
  private async days(): Promise<{ name: string; start: number }[]> {
    const { rows } = await this.pool.query<{ name: string }>(
      `select c.relname as name from pg_inherits i join pg_class c on c.oid = i.inhrelid
      where i.inhparent = 'inbox'::regclass and c.relname ~ '^inbox_[0-9]{8}$' order by 1`,
    );
    return rows.map(({ name }) => ({ name, start: startOf(name) }));
  }

  /** Rows that were inserted before their partition existed are moved out of the default one. */
  private create(start: number): Promise<void> {
    const name = `inbox_${new Date(start).toISOString().slice(0, 10).replaceAll('-', '')}`;
    const [from, to] = [idAt(start), idAt(start + day)];
    return this.transaction(async (client) => {
      await client.query('lock table inbox in share row exclusive mode');
      const exists = await client.query('select to_regclass($1) is not null as found', [name]);
      if (exists.rows[0].found) return;
      await client.query(`create table ${name} (like inbox including all)`);
      await client.query(
        `with moved as (delete from inbox_default where message_id >= '${from}' and message_id < '${to}' returning *)
        insert into ${name} select * from moved`,
      );
      await client.query(
        `alter table inbox attach partition ${name} for values from ('${from}') to ('${to}')`,
      );
    });
  }

  private async now(): Promise<number> {
    const { rows } = await this.pool.query<{ now: Date }>('select waybill_now() as now');
    return rows[0]?.now.getTime() ?? 0;
  }

  private async transaction(run: (client: PoolClient) => Promise<void>): Promise<void> {
    const client = await this.pool.connect();
    let broken: Error | undefined;
    try {
      await client.query('begin');
      await run(client);
      await client.query('commit');
    } catch (error) {
      await client.query('rollback').catch((failure: Error) => {
        broken = failure;
      });
      throw error;
    } finally {
      client.release(broken);
    }
  }
}

const startOf = (name: string): number =>
  Date.UTC(Number(name.slice(6, 10)), Number(name.slice(10, 12)) - 1, Number(name.slice(12, 14)));

/** The smallest version 7 id of a point in time. */
function idAt(ms: number): string {
  const hex = Math.max(0, ms).toString(16).padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8)}-0000-0000-000000000000`;
}
