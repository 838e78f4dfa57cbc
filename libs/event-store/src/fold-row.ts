import type { ColumnType, StateTable } from '@waybill/messaging';
import { columnName } from '@waybill/persistence';

/** The column or table of a property, quoted. */
export const sqlName = (name: string): string => `"${columnName(name).replaceAll('"', '""')}"`;

/** The declared columns, named as their properties. */
export const columnsOf = (table: Pick<StateTable, 'columns'>): string =>
  Object.keys(table.columns)
    .map((property) => `${sqlName(property)} "${property}"`)
    .join(', ');

/** A row or a state with its declared properties only, each in the one form that both can be compared in. */
export const rowValue = (
  table: Pick<StateTable, 'columns'>,
  row: Readonly<Record<string, unknown>>,
): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(table.columns).map(([property, type]) => [property, plain(row[property], type)]),
  );

function plain(value: unknown, type: ColumnType): unknown {
  if (value === null || value === undefined) return null;
  if (type === 'timestamptz') return new Date(value as string | Date).toISOString();
  if (type === 'bigint' || type === 'integer') return Number(value);
  return type === 'jsonb' ? JSON.parse(JSON.stringify(value)) : value;
}
