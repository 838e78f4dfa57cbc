import type { QueryRunner } from 'typeorm';

/** The new form of a table. */
export interface Rebuilt {
  readonly table: string;
  /** Creates the table without its keys and indexes. */
  readonly create: string;
  /** Statements that create its keys and indexes, run once over all rows. */
  readonly indexes: readonly string[];
}

/**
 * Changes the order of a table's columns in the transaction of a migration. The rows are copied, and readers and
 * writers of the table wait in the meantime. Columns that only the old table has are lost.
 */
export async function rebuildTable(
  runner: Pick<QueryRunner, 'query'>,
  { table, create, indexes }: Rebuilt,
): Promise<void> {
  const old = `${table}_before`;
  await runner.query(`lock table ${table} in access exclusive mode`);
  await runner.query(`alter table ${table} rename to ${old}`);
  await runner.query(create);
  const [row]: { names: string }[] = await runner.query(
    `select string_agg(quote_ident(attname), ', ' order by attnum) as names from pg_attribute
    where attrelid = to_regclass($1) and attnum > 0 and not attisdropped and attgenerated = ''`,
    [table],
  );
  await runner.query(`insert into ${table} (${row?.names}) select ${row?.names} from ${old}`);
  await runner.query(`drop table ${old}`);
  for (const index of indexes) await runner.query(index);
  await runner.query(`analyze ${table}`);
}

/** The definitions of the named columns, in the order of the names. */
export const columnsIn =
  <C extends string>(columns: Readonly<Record<C, string>>) =>
  (...names: readonly C[]): string[] =>
    names.map((name) => `${name} ${columns[name]}`);
