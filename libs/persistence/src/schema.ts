import type { EntityOf, EntityTable } from './entity-columns.ts';
import type { EntityEntries, EntityStates } from './entity-tables.ts';

/** The tables of a service that its batches may write. */
export interface StorageSchema {
  readonly states: readonly EntityStates[];
  readonly appendOnly: readonly EntityEntries[];
}

/** The declared tables of a service by kind, in the order of their names. The same table twice is a mistake, and refused. */
export function storageSchema(tables: readonly EntityTable[]): StorageSchema {
  const sorted = [...tables].sort((a, b) => (a.table < b.table ? -1 : 1));
  const twice = sorted.find(({ table }, i) => table === sorted[i + 1]?.table);
  if (twice) throw new TypeError(`table ${twice.table} is declared twice`);
  return {
    states: sorted.filter((table): table is EntityStates => 'put' in table),
    appendOnly: sorted.filter((table): table is EntityEntries => 'entry' in table),
  };
}

/** Every entity of some tables: also that of the events of a stream. */
export const entitiesOf = (
  tables: readonly (EntityTable & { readonly events?: EntityOf<object> })[],
): EntityOf<object>[] =>
  tables.flatMap(({ entity, events }) => (events ? [entity, events] : [entity]));
