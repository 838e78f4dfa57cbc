import type { TaskLease } from './task-leases.ts';

/** A table whose old rows are not needed any more. */
export interface Retained {
  readonly table: string;
  /** The column with the time of a row. */
  readonly at: string;
  /** How long its rows are kept, in milliseconds. */
  readonly keep: number;
  /** SQL that is true for rows that stay however old they are, because something is still to be done with them. */
  readonly unless?: string;
}

const atOnce = 1_000;

/**
 * Deletes the rows that are older than they must be, a thousand in a transaction. `retention_horizon` then says from when on the table
 * has all of them. Resolves with how many were deleted.
 */
export async function deleteOld(
  lease: TaskLease,
  { table, at, keep, unless = 'false' }: Retained,
  signal?: AbortSignal,
): Promise<number> {
  let deleted = 0;
  for (let last = atOnce; last === atOnce && !signal?.aborted; deleted += last) {
    last = await lease.transaction(async (client) => {
      const { rows } = await client.query<{ horizon: Date }>(
        "select waybill_now() - $1 * interval '1 millisecond' as horizon",
        [keep],
      );
      const horizon = rows[0]?.horizon;
      const { rowCount } = await client.query(
        `delete from ${table} where ctid = any(array(select ctid from ${table} where ${at} < $1 and (${unless}) is not true limit ${atOnce}))`,
        [horizon],
      );
      if (rowCount) await client.query(remember, [table, horizon]);
      return rowCount ?? 0;
    });
  }
  return deleted;
}

const remember = `insert into retention_horizon (name, at) values ($1, $2)
  on conflict (name) do update set at = greatest(retention_horizon.at, excluded.at)`;
