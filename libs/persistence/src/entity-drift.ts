import type { ColumnType, StateTable } from '@waybill/messaging';
import type { DataSource } from 'typeorm';
import { columnName } from './column-name.ts';
import { poolOf } from './data-source.ts';

/** What declarations and databases call one type. */
const aliases: Readonly<Record<string, string>> = {
  int: 'integer',
  int4: 'integer',
  int8: 'bigint',
  bool: 'boolean',
  'timestamp with time zone': 'timestamptz',
  varchar: 'text',
  'character varying': 'text',
  string: 'text',
};
const plain = (type: unknown): string => aliases[String(type).toLowerCase()] ?? String(type);

/** A declared table of any kind; only states have a version. */
interface Declared {
  readonly table: string;
  readonly columns: Readonly<Record<string, ColumnType>>;
  readonly idProperty?: string;
  readonly retired?: Readonly<Record<string, ColumnType>>;
}

/**
 * Where the declared tables, the entities of the same tables and the migrated database differ, one line each;
 * empty when all agree. Entities read, so one may leave columns out, and a table may have none at all. A retired column
 * may be in the database, and nowhere else.
 */
export async function entityDrift(
  dataSource: DataSource,
  // biome-ignore lint/suspicious/noExplicitAny: every row type is welcome here, and none is read
  tables: readonly (StateTable<any> | Declared)[],
): Promise<string[]> {
  const found: string[] = [];
  for (const table of tables) {
    const expected = expectedColumns(table);
    const entity = dataSource.entityMetadatas.find(({ tableName }) => tableName === table.table);
    if (entity) {
      const columns = new Map(
        entity.columns.map((column) => [
          column.databaseName,
          plain(typeof column.type === 'function' ? column.type.name : column.type),
        ]),
      );
      found.push(...unlike(`entity ${entity.name}`, expected, columns));
    }
    found.push(...(await databaseDrift(dataSource, table, expected)));
  }
  return found;
}

function expectedColumns(table: Declared): Map<string, string> {
  const columns = new Map<string, string>(
    Object.entries(table.columns).map(([property, type]) => [columnName(property), type]),
  );
  if (table.idProperty !== undefined) columns.set('version', 'bigint');
  return columns;
}

async function databaseDrift(
  dataSource: DataSource,
  table: Declared,
  expected: ReadonlyMap<string, string>,
): Promise<string[]> {
  const { rows } = await poolOf(dataSource).query<{ name: string; type: string; key: boolean }>(
    `select a.attname as name, format_type(a.atttypid, null) as type,
      exists (select from pg_index i where i.indrelid = a.attrelid and i.indisprimary
        and i.indkey[0] = a.attnum and i.indnkeyatts = 1) as key
    from pg_attribute a where a.attrelid = to_regclass(quote_ident($1)) and a.attnum > 0 and not a.attisdropped
      and a.attidentity = '' and a.attgenerated = ''`,
    [table.table],
  );
  if (rows.length === 0) return [`table ${table.table}: is not in the database`];
  const retired = new Set(Object.keys(table.retired ?? {}).map(columnName));
  const kept = rows.filter(({ name }) => !retired.has(name));
  const columns = new Map(kept.map(({ name, type }) => [name, plain(type)]));
  const found = differences(`table ${table.table}`, expected, columns);
  const id = table.idProperty === undefined ? undefined : columnName(table.idProperty);
  if (id !== undefined && !rows.some(({ name, key }) => name === id && key)) {
    found.push(`table ${table.table}: ${id} is not its primary key`);
  }
  return found;
}

function differences(
  what: string,
  expected: ReadonlyMap<string, string>,
  actual: ReadonlyMap<string, string>,
): string[] {
  const lacking = [...expected].filter(([name]) => !actual.has(name));
  return [
    ...lacking.map(([name, type]) => `${what}: lacks ${name} ${type}`),
    ...unlike(what, expected, actual),
  ];
}

function unlike(
  what: string,
  expected: ReadonlyMap<string, string>,
  actual: ReadonlyMap<string, string>,
): string[] {
  const found: string[] = [];
  for (const [name, type] of expected) {
    const other = actual.get(name);
    if (other !== undefined && other !== type)
      found.push(`${what}: ${name} is ${other}, declared as ${type}`);
  }
  for (const name of actual.keys()) {
    if (!expected.has(name)) found.push(`${what}: ${name} is not declared`);
  }
  return found;
}
