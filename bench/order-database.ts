import { setTimeout as pause } from 'node:timers/promises';
import { Client } from 'pg';

/** Milliseconds until the next check: longer while many orders are open. */
const lookAfter = (open: number): number => Math.min(250, Math.max(20, open / 4));

/** What the system's databases contain about a run. */
export class SystemDatabases {
  private constructor(
    private readonly order: Client,
    private readonly names: readonly string[],
  ) {}

  static async open(databases: Readonly<Record<string, string>>): Promise<SystemDatabases> {
    const order = new Client({ connectionString: databases['order'] ?? '' });
    await order.connect();
    await order.query('set enable_seqscan = off');
    const names = Object.values(databases).map((url) => new URL(url).pathname.slice(1));
    return new SystemDatabases(order, names);
  }

  /**
   * Orders whose saga has not ended. An order is accepted together with its saga, so all accepted orders are complete when
   * there are none. A partial index covers only these, so the cost does not depend on the number of orders.
   */
  private async open(): Promise<number> {
    const { rows } = await this.order.query<{ n: number }>({
      name: 'open orders',
      text: "select count(*)::int n from sagas where phase <> 'settled'",
    });
    return rows[0]?.n ?? 0;
  }

  /** Resolves when all accepted orders are complete; throws when none completes for `seconds`. */
  async untilCompleted(seconds = 60): Promise<void> {
    let [least, since] = [await this.open(), performance.now()];
    while (least > 0) {
      await pause(lookAfter(least));
      const now = await this.open();
      if (now < least) [least, since] = [now, performance.now()];
      if (performance.now() - since > seconds * 1000)
        throw new Error(`${now} orders are not completed`);
    }
  }

  /** Milliseconds from accepted to confirmed of the last `orders` orders, ascending. */
  async confirmLatencies(orders: number): Promise<number[]> {
    const { rows } = await this.order.query<{ ms: string }>(
      `select extract(epoch from c.at - p.at) * 1000 ms
       from (select stream_id, at, position from order_events where type = 'placed' order by position desc limit $1) p
       join order_events c on c.stream_id = p.stream_id and c.type = 'confirmed' order by 1`,
      [orders],
    );
    return rows.map(({ ms }) => Number(ms));
  }

  /** Transactions committed so far in all databases of the system. */
  async commits(): Promise<number> {
    await this.order.query('select pg_stat_clear_snapshot()');
    const { rows } = await this.order.query<{ n: string }>(
      'select sum(xact_commit) n from pg_stat_database where datname = any($1)',
      [this.names],
    );
    return Number(rows[0]?.n);
  }

  /** Bytes of write-ahead log so far. */
  async walBytes(): Promise<number> {
    const { rows } = await this.order.query<{ bytes: number }>(
      "select (pg_current_wal_insert_lsn() - '0/0')::float8 bytes",
    );
    return rows[0]?.bytes ?? 0;
  }

  close(): Promise<void> {
    return this.order.end();
  }
}
