import type { Pool, QueryResult, QueryResultRow } from 'pg';

/**
 * Polls a few rows of a partial index in one round trip. With default settings, the planner reads the whole table when
 * its statistics are from a busy moment. A bitmap scan, unlike a plain index scan, does not mark entries of rows that
 * have left the index, so each poll would visit all of them until the next vacuum.
 */
export async function readByIndex<R extends QueryResultRow>(
  pool: Pool,
  text: string,
): Promise<readonly R[]> {
  const settings =
    'set local enable_seqscan = off; set local enable_bitmapscan = off; set local max_parallel_workers_per_gather = 0';
  // Several statements in one query run in one transaction and return one result each.
  const results = (await pool.query(`${settings}; ${text}`)) as unknown as QueryResult<R>[];
  return results.at(-1)?.rows ?? [];
}
