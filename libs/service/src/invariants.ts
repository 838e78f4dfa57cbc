import type { DataSource } from 'typeorm';

/** A condition that always holds in the database of a service. */
export interface Invariant {
  /** What is wrong when it does not hold, such as `the ledger does not sum to zero`. */
  readonly says: string;
  /** Returns the rows that violate it: the column `what` names each. */
  readonly sql: string;
}

/** What is wrong in the database of `service`, one sentence for each violated invariant; empty if all hold. */
export async function violationsOf(
  service: string,
  database: Pick<DataSource, 'query'>,
  invariants: readonly Invariant[],
): Promise<string[]> {
  const violated: string[] = [];
  for (const { says, sql } of invariants) {
    const rows = (await database.query(sql)) as { what: unknown }[];
    const what = rows.map((row) => String(row.what));
    if (what.length > 0) violated.push(violation(service, says, what));
  }
  return violated;
}

/** The sentence of a violated invariant, with the first of what violates it. */
export const violation = (service: string, says: string, what: readonly string[]): string =>
  `${service}: ${says} (${what.length}, such as ${what.slice(0, 5).join(', ')})`;
