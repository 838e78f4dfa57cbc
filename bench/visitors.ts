import { setTimeout as pause } from 'node:timers/promises';
import { Client } from 'pg';
import { Pool } from 'undici';

const perReport = 250;
const reportsInFlight = 4;
/** The most activities that are reported and not taken yet. */
export const activitiesInFlight = perReport * reportsInFlight;

/** Visitors, a hundred at once, who do something every five seconds of their own time, twenty times. */
export class Visitors {
  private reported = 0;
  private readonly start = Date.now() - 3_600_000;

  private constructor(
    private readonly pool: Pool,
    private readonly database: Client,
  ) {}

  static async at(url: string, database: string): Promise<Visitors> {
    const client = new Client({ connectionString: database });
    await client.connect();
    return new Visitors(new Pool(url, { connections: reportsInFlight, pipelining: 1 }), client);
  }

  /** From the first report until all windows and sessions are there. */
  async perSecond(activities: number): Promise<number> {
    const started = performance.now();
    const end = this.reported + activities;
    const report = async () => {
      while (this.reported < end) {
        const first = this.reported;
        this.reported = Math.min(end, first + perReport);
        await this.report(first, this.reported);
      }
    };
    await Promise.all(Array.from({ length: reportsInFlight }, report));
    await this.until('session_metrics', end);
    // A window begins every ten seconds and lasts a minute.
    await this.until('window_metrics', end * 6);
    return activities / ((performance.now() - started) / 1000);
  }

  async close(): Promise<void> {
    await this.database.end();
    await this.pool.close();
  }

  /** Again until it is taken: each activity counts once. */
  private async report(first: number, end: number): Promise<void> {
    const body = JSON.stringify(
      Array.from({ length: end - first }, (_, i) => this.does(first + i)),
    );
    const headers = { 'content-type': 'application/json' };
    for (;;) {
      const options = { method: 'POST', path: '/api/v1/activity', headers, body } as const;
      const { statusCode, body: answer } = await this.pool.request(options);
      const text = await answer.text();
      if (statusCode === 202) return;
      if (statusCode !== 503) throw new Error(`a report was answered with ${statusCode}: ${text}`);
      await pause(100);
    }
  }

  private does(n: number): object {
    const [visitor, time] = [n % 100, Math.floor(n / 100) % 20];
    const isPurchase = time === 19;
    return {
      type: isPurchase ? 'purchase' : 'page_view',
      sessionId: `visitor-${visitor}-${Math.floor(n / 2_000)}`,
      occurredAt: new Date(this.start + time * 5_000).toISOString(),
      properties: isPurchase ? { amount: 500 } : { page: `/p/${n % 7}` },
    };
  }

  private async until(table: string, activities: number): Promise<void> {
    for (;;) {
      const { rows } = await this.database.query<{ n: number }>(
        `select coalesce(sum(activities), 0)::int n from ${table}`,
      );
      if (rows[0]?.n === activities) return;
      await pause(50);
    }
  }
}
