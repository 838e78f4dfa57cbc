import { setTimeout as pause } from 'node:timers/promises';
import { Client } from 'pg';

/** What the databases of the system tell of a run. */
export class SystemDatabases {
  private constructor(
    private readonly order: Client,
    private readonly names: readonly string[],
  ) {}

  static async open(databases: Readonly<Record<string, string>>): Promise<SystemDatabases> {
    const order = new Client({ connectionString: databases['order'] ?? '' });
    await order.connect();
    const names = Object.values(databases).map((url) => new URL(url).pathname.slice(1));
    return new SystemDatabases(order, names);
  }

  /** Orders that are confirmed and whose saga has ended. */
  async completed(): Promise<number> {
    const { rows } = await this.order.query<{ n: string }>(
      "select count(*) n from sagas where status in ('completed', 'aborted')",
    );
    return Number(rows[0]?.n);
  }

  /** Resolves when that many orders are complete; throws after `seconds` without one more. */
  async untilCompleted(orders: number, seconds = 60): Promise<void> {
    let [last, since] = [await this.completed(), performance.now()];
    while (last < orders) {
      await pause(50);
      const now = await this.completed();
      if (now > last) [last, since] = [now, performance.now()];
      if (performance.now() - since > seconds * 1000)
        throw new Error(`only ${now} of ${orders} orders were completed`);
    }
  }

  /** Milliseconds from accept to confirmed of the last `orders` orders, ascending. */
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

  close(): Promise<void> {
    return this.order.end();
  }
}
