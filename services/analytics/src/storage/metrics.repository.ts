import { Injectable } from '@nestjs/common';
import type { DataOf, MetricsComputed } from '@waybill/contracts';
import { DataSource } from 'typeorm';

/** Results of a key; of the same span, those with the highest revision count. */
export type Results = DataOf<typeof MetricsComputed> & { readonly revision: number };

/** Keeps the results of windows and sessions. */
@Injectable()
export class MetricsRepository {
  constructor(private readonly dataSource: DataSource) {}

  /** In any order, and again: the newest result of each span stays. */
  async keep(batch: readonly Results[]): Promise<void> {
    const windows = batch.flatMap(({ key: visitor, revision, windows: some }) =>
      some.map((window) => ({ ...window, visitor, revision })),
    );
    const sessions = batch.flatMap(({ key: sessionId, revision, sessions: some }) =>
      some.map((session) => ({ ...session, sessionId, revision })),
    );
    await this.dataSource.transaction(async (manager) => {
      if (windows.length > 0) await manager.query(keepWindows, [JSON.stringify(windows)]);
      if (sessions.length === 0) return;
      await manager.query(keepSessions, [JSON.stringify(sessions)]);
      await manager.query(dropJoined, [sessions.map(({ sessionId }) => sessionId)]);
    });
  }
}

const keepWindows = `INSERT INTO window_metrics AS kept
  (visitor, started_at, ended_at, activities, page_views, unique_pages, purchases, spend, revision)
  SELECT DISTINCT ON (visitor, "from")
    visitor, "from", "to", activities, "pageViews", "uniquePages", purchases, spend, revision
  FROM json_to_recordset($1) AS r(visitor text, "from" timestamptz, "to" timestamptz, activities bigint,
    "pageViews" bigint, "uniquePages" bigint, purchases bigint, spend bigint, revision bigint)
  WHERE NOT EXISTS (SELECT FROM erased_customers e WHERE visitor = 'customer:' || e.customer_id)
  ORDER BY visitor, "from", revision DESC
  ON CONFLICT (visitor, started_at) DO UPDATE SET activities = excluded.activities, page_views = excluded.page_views,
    unique_pages = excluded.unique_pages, purchases = excluded.purchases, spend = excluded.spend,
    revision = excluded.revision
  WHERE kept.revision < excluded.revision`;

const keepSessions = `INSERT INTO session_metrics AS kept
  (session_id, started_at, ended_at, customer_id, country, activities, page_views, spend, entry_page, exit_page,
    pages, types, revision)
  SELECT DISTINCT ON ("sessionId", "from")
    "sessionId", "from", "to", "customerId", country, activities, "pageViews", spend, "entryPage", "exitPage",
    pages, types, revision
  FROM json_to_recordset($1) AS r("sessionId" text, "from" timestamptz, "to" timestamptz, "customerId" text,
    country text, activities bigint, "pageViews" bigint, spend bigint, "entryPage" text, "exitPage" text,
    pages jsonb, types jsonb, revision bigint)
  WHERE NOT EXISTS (SELECT FROM erased_customers e WHERE e.customer_id = "customerId")
  ORDER BY "sessionId", "from", revision DESC
  ON CONFLICT (session_id, started_at) DO UPDATE SET ended_at = excluded.ended_at, customer_id = excluded.customer_id,
    country = excluded.country, activities = excluded.activities, page_views = excluded.page_views,
    spend = excluded.spend, entry_page = excluded.entry_page, exit_page = excluded.exit_page, pages = excluded.pages,
    types = excluded.types, revision = excluded.revision
  WHERE kept.revision < excluded.revision`;

/** A session that contains the start of an older result has been joined with it. */
const dropJoined = `DELETE FROM session_metrics part USING session_metrics whole
  WHERE whole.session_id = ANY($1) AND part.session_id = whole.session_id AND part.revision < whole.revision
    AND part.started_at > whole.started_at AND part.started_at <= whole.ended_at`;
