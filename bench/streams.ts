import { setTimeout as pause } from 'node:timers/promises';
import { Client } from 'pg';
import { Pool } from 'undici';
import { bareLoop } from './bare-loop.ts';
import type { Sizes } from './load.ts';
import { median } from './percentile.ts';
import { startSystem } from './start-system.ts';
import type { Subject } from './system.ts';
import { withPostgres } from './temporary-postgres.ts';
import { openTransport } from './transports/open-transport.ts';

/** Activities per second of each round. */
export interface StreamFigures {
  readonly brokers: string;
  readonly pipeline: readonly number[];
  /** A bare loop of as many deliveries per activity over the same broker; nothing where there is none. */
  readonly bare: readonly number[];
}

/** The groups that an activity comes to before its windows and sessions are rows. */
const route = ['enrichment', 'processing', 'windows', 'sessions', 'metrics'];
const perReport = 250;
const reportsInFlight = 4;

/** Measures pipeline and bare loop in turns, because a machine is not equally fast all the time. */
export async function measureStreams(
  subject: Subject,
  { orders: activities, warmUp, rounds }: Sizes,
  say: (line: string) => void,
): Promise<StreamFigures> {
  const system = await startSystem(subject);
  try {
    const visitors = await Visitors.at(system.where.url, system.where.databases['analytics'] ?? '');
    const [pipeline, bare]: [number[], number[]] = [[], []];
    await withPostgres(async (fresh) => {
      const loop = async (round: string, count: number) =>
        barePerSecond(subject, await fresh(round), count);
      say(`warming up with ${warmUp} activities`);
      await loop('warm_up', warmUp);
      await visitors.perSecond(warmUp);
      for (let round = 1; round <= rounds; round += 1) {
        say(`round ${round} of ${rounds}, ${activities} activities`);
        bare.push(...(await loop(`round_${round}`, activities)));
        pipeline.push(await visitors.perSecond(activities));
      }
    });
    await visitors.close();
    return { brokers: subject.brokers, pipeline, bare };
  } finally {
    await system.stop();
  }
}

/** In a mix, activities and events go over Kafka. Nothing where there is no bare loop. */
async function barePerSecond(
  { brokers, addresses }: Subject,
  url: string,
  activities: number,
): Promise<readonly number[]> {
  const transport = await openTransport(brokers === 'mixed' ? 'kafka' : brokers, addresses);
  if (!transport) return [];
  const run = await bareLoop(url, activities, perReport * reportsInFlight, transport, route);
  return [run.perSecond];
}

/** Visitors, a hundred at once, who do something every five seconds of their own time, twenty times. */
class Visitors {
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

/** The figures as lines. */
export function streamsTable({ brokers, pipeline, bare }: StreamFigures): string[] {
  const [rate, loop] = [median(pipeline), median(bare)];
  const ratio = bare.length === 0 ? 'no bare loop over this broker' : (rate / loop).toFixed(2);
  return [
    `BROKERS=${brokers}: activities/s (median) | ÷ bare loop (goal ≥ 0.30) | rounds`,
    `  pipeline: ${Math.round(rate)} | ${ratio} | ${rounded(pipeline)}`,
    ...(bare.length === 0 ? [] : [`  bare loop: ${Math.round(loop)} | | ${rounded(bare)}`]),
  ];
}

const rounded = (each: readonly number[]): string => each.map((one) => Math.round(one)).join(' ');
