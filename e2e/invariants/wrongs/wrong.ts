import type { Ledgers } from '../ledgers.ts';
import type { ServiceName } from '../service-databases.ts';

/** Something that must not be, and what must tell of it. */
export interface Wrong {
  /** Whose invariant tells of it. */
  readonly teller: ServiceName | 'provider';
  /** What is told contains this. */
  readonly says: string;
  /** Done to a table behind the back of its service. */
  readonly spoil?: { readonly at: ServiceName; readonly table: string; readonly sql: string };
  /** Done to what the provider and the carriers tell of their books. */
  readonly change?: (ledgers: Ledgers) => Ledgers;
}

/** The wrongs of one table: what is told of each, and the SQL that makes it. */
export const wrongsOf = (
  at: ServiceName,
  table: string,
  ...wrongs: readonly (readonly [says: string, sql: string])[]
): readonly Wrong[] =>
  wrongs.map(([says, sql]) => ({ teller: at, says, spoil: { at, table, sql } }));

/** The same for each of several names. */
export const each = <T extends string>(
  names: readonly T[],
  wrong: (name: T) => readonly [says: string, sql: string],
): readonly (readonly [says: string, sql: string])[] => names.map(wrong);
