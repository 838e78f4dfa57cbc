import type { Journal, StateTable } from '@waybill/messaging';

/** The declared tables of a service: what its batches may write. */
export interface StorageSchema {
  readonly tables: readonly StateTable[];
  readonly journals: readonly Journal[];
}

/** Any kind of declared tables, in one place. Two declarations of one table are a mistake, and refused. */
export function storageSchema(
  // biome-ignore lint/suspicious/noExplicitAny: every row type is welcome here, and none is read
  tables: readonly StateTable<any>[],
  // biome-ignore lint/suspicious/noExplicitAny: as above
  journals: readonly Journal<any>[] = [],
): StorageSchema {
  const names = [...tables, ...journals].map(({ table }) => table);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice) throw new TypeError(`table ${twice} is declared twice`);
  const byName = <T extends { table: string }>(list: readonly T[]) =>
    [...list].sort((a, b) => (a.table < b.table ? -1 : 1));
  return { tables: byName(tables), journals: byName(journals) };
}
