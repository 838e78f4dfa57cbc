import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { SessionMetricsEntity, WindowMetricsEntity } from './metrics.entities.ts';

/** A period; `to` is exclusive. */
interface Span {
  readonly from: Date;
  readonly to: Date;
}

/** The place of a window in the list. */
export interface WindowPlace {
  readonly at: string;
  readonly visitor: string;
}

/** The place of a session in the list. */
export interface SessionPlace {
  readonly at: string;
  readonly id: string;
}

export interface SessionFilter {
  readonly customerId?: string | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}

/** How often a page was viewed, and in how many sessions. */
export interface PageViews {
  readonly path: string;
  readonly category: string;
  readonly views: number;
  readonly sessions: number;
}

/** The sessions that began with a page, and how many of them did nothing else. */
export interface Bounces {
  readonly entryPage: string | null;
  readonly sessions: number;
  readonly bounced: number;
}

type Texts<T> = { readonly [K in keyof T]: string };

/** Reads windows and sessions. */
@Injectable()
export class BehaviourRepository {
  constructor(private readonly dataSource: DataSource) {}

  /** The newest windows of visitors, and how many of their activities were too late to count. */
  async windows(
    visitors: readonly string[],
    { from, to }: Span,
    { after, take }: { readonly after?: WindowPlace | undefined; readonly take: number },
  ) {
    const found = this.dataSource
      .createQueryBuilder(WindowMetricsEntity, 'window')
      .where('window.visitor IN (:...visitors)', { visitors })
      .andWhere('window.startedAt >= :from AND window.startedAt < :to', { from, to })
      .orderBy('window.startedAt', 'DESC')
      .addOrderBy('window.visitor', 'DESC')
      .limit(take);
    if (after)
      found.andWhere('(window.startedAt, window.visitor) < (:at::timestamptz, :visitor)', after);
    const [{ late = '0' } = {}]: { late?: string }[] = await this.dataSource.query(
      "SELECT coalesce(sum((state->'time'->>'late')::bigint), 0) AS late FROM window_states WHERE id = ANY($1)",
      [visitors],
    );
    return { items: await found.getMany(), late: Number(late) };
  }

  /** The newest sessions. */
  sessions(
    { customerId, from, to }: SessionFilter,
    after: SessionPlace | undefined,
    take: number,
  ): Promise<SessionMetricsEntity[]> {
    const found = this.dataSource
      .createQueryBuilder(SessionMetricsEntity, 'session')
      .orderBy('session.startedAt', 'DESC')
      .addOrderBy('session.sessionId', 'DESC')
      .limit(take);
    if (customerId) found.andWhere('session.customerId = :customerId', { customerId });
    if (from) found.andWhere('session.startedAt >= :from', { from });
    if (to) found.andWhere('session.startedAt < :to', { to });
    if (after)
      found.andWhere('(session.startedAt, session.sessionId) < (:at::timestamptz, :id)', after);
    return found.getMany();
  }

  /** The pages that were viewed most. */
  async pages({ from, to }: Span, limit: number): Promise<PageViews[]> {
    const rows: Texts<PageViews>[] = await this.dataSource.query(
      `SELECT page->>'path' AS path, page->>'category' AS category, sum((page->>'views')::bigint) AS views,
          count(*) AS sessions
        FROM session_metrics, jsonb_array_elements(pages) page
        WHERE started_at >= $1 AND started_at < $2 GROUP BY 1, 2 ORDER BY views DESC, path LIMIT $3`,
      [from, to, limit],
    );
    return rows.map(({ views, sessions, ...page }) => ({
      ...page,
      views: Number(views),
      sessions: Number(sessions),
    }));
  }

  /** By entry page, those with the most sessions first; the first row is the total. */
  async bounces({ from, to }: Span, limit: number): Promise<Bounces[]> {
    const rows: (Texts<Omit<Bounces, 'entryPage'>> & Pick<Bounces, 'entryPage'>)[] =
      await this.dataSource.query(
        `SELECT entry_page AS "entryPage", count(*) AS sessions,
            count(*) FILTER (WHERE activities = 1 AND page_views = 1) AS bounced
          FROM session_metrics WHERE started_at >= $1 AND started_at < $2
          GROUP BY GROUPING SETS ((), (entry_page)) HAVING GROUPING(entry_page) = 1 OR entry_page IS NOT NULL
          ORDER BY GROUPING(entry_page) DESC, sessions DESC, entry_page LIMIT $3`,
        [from, to, limit + 1],
      );
    return rows.map(({ entryPage, sessions, bounced }) => ({
      entryPage,
      sessions: Number(sessions),
      bounced: Number(bounced),
    }));
  }

  /** In how many sessions each type of activity happened, or one that comes after it. */
  async reached({ from, to }: Span, steps: readonly (readonly string[])[]): Promise<number[]> {
    const counts = steps.map((_, i) => {
      const rest = steps.slice(i).flat();
      return `count(*) FILTER (WHERE EXISTS (SELECT FROM jsonb_array_elements(types) t
        WHERE t->>'type' IN (${rest.map((type) => `'${type}'`).join()}))) AS step${i}`;
    });
    const [row = {}]: Record<string, string>[] = await this.dataSource.query(
      `SELECT ${counts.join()} FROM session_metrics WHERE started_at >= $1 AND started_at < $2`,
      [from, to],
    );
    return steps.map((_, i) => Number(row[`step${i}`] ?? 0));
  }
}
