import type { Pool, QueryResult, QueryResultRow } from 'pg';

/**
 * Polls a few rows that a partial index has, in one round trip. Left to itself, the database reads the whole table when its
 * statistics are of a busy moment; and a bitmap scan, unlike a plain one, does not mark the entries of rows that have left
 * the index, so that each poll would look at all of them until the next vacuum.
 */
export async function readByIndex<R extends QueryResultRow>(
  pool: Pool,
  text: string,
): Promise<readonly R[]> {
  const settings =
    'set local enable_seqscan = off; set local enable_bitmapscan = off; set local max_parallel_workers_per_gather = 0';
  // Several statements in one query are one transaction, and answer one result each.
  const results = (await pool.query(`${settings}; ${text}`)) as unknown as QueryResult<R>[];
  return results.at(-1)?.rows ?? [];
}
