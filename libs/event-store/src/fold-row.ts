import { columnName, type EntityColumn, type EntityTable } from '@waybill/persistence';

/** The column or table of a property, quoted. */
export const sqlName = (name: string): string => `"${columnName(name).replaceAll('"', '""')}"`;

/** The declared columns, named as their properties. */
export const columnsOf = ({ columns }: EntityTable): string =>
  columns.map(({ sql, property }) => `${sql} "${property}"`).join(', ');

/** A row or a state with its declared properties only, each in the one form that both can be compared in. */
export const rowValue = (
  { columns }: EntityTable,
  row: Readonly<Record<string, unknown>>,
): Record<string, unknown> =>
  Object.fromEntries(columns.map(({ property, type }) => [property, plain(row[property], type)]));

function plain(value: unknown, type: EntityColumn['type']): unknown {
  if (value === null || value === undefined) return null;
  if (type === 'timestamptz') return new Date(value as string | Date).toISOString();
  if (type === 'bigint' || type === 'integer') return Number(value);
  return type === 'jsonb' ? JSON.parse(JSON.stringify(value)) : value;
}
