import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';

/** What happens now. */
export interface LiveNumbers {
  /** Sessions with an activity in the last five minutes. */
  readonly sessions: number;
  /** Activities that came in during the last minute. */
  readonly activities: number;
  /** Of this minute and the one before. */
  readonly placed: number;
  readonly confirmed: number;
  readonly revenue: number;
}

/** Reads what happens now. */
@Injectable()
export class LiveRepository {
  constructor(private readonly dataSource: DataSource) {}

  async read(currency: string): Promise<LiveNumbers> {
    const [row = {}]: Record<string, string>[] = await this.dataSource.query(
      `SELECT (SELECT count(*) FROM session_states WHERE at > waybill_now() - interval '5 minutes') AS sessions,
          (SELECT count(*) FROM enriched_activities WHERE at > waybill_now() - interval '1 minute') AS activities,
          coalesce(sum(placed), 0) AS placed, coalesce(sum(confirmed), 0) AS confirmed,
          coalesce(sum(revenue), 0) AS revenue
        FROM order_counts
        WHERE minute >= date_trunc('minute', waybill_now()) - interval '1 minute' AND currency = $1`,
      [currency],
    );
    const number = (name: string) => Number(row[name] ?? 0);
    return {
      sessions: number('sessions'),
      activities: number('activities'),
      placed: number('placed'),
      confirmed: number('confirmed'),
      revenue: number('revenue'),
    };
  }
}
