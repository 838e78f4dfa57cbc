import type { Ledgers } from '../ledgers.ts';
import type { ServiceName } from '../service-databases.ts';

/** A violation, and the invariant that must report it. */
export interface Wrong {
  /** The owner of that invariant. */
  readonly teller: ServiceName | 'provider';
  /** The report contains this text. */
  readonly says: string;
  /** A change to a table that bypasses its service. */
  readonly spoil?: { readonly at: ServiceName; readonly table: string; readonly sql: string };
  /** A change to the ledgers of the outside world. */
  readonly change?: (ledgers: Ledgers) => Ledgers;
}

/** The violations of one table: the text of each report, and the SQL that causes it. */
export const wrongsOf = (
  at: ServiceName,
  table: string,
  ...wrongs: readonly (readonly [says: string, sql: string])[]
): readonly Wrong[] =>
  wrongs.map(([says, sql]) => ({ teller: at, says, spoil: { at, table, sql } }));

/** The same violation for each of several names. */
export const each = <T extends string>(
  names: readonly T[],
  wrong: (name: T) => readonly [says: string, sql: string],
): readonly (readonly [says: string, sql: string])[] => names.map(wrong);
