import type { QueryRunner } from 'typeorm';

/** What a table becomes. */
export interface Rebuilt {
  readonly table: string;
  /** Makes it, without its keys and indexes. */
  readonly create: string;
  /** Its keys and indexes, built once over all rows. */
  readonly indexes: readonly string[];
}

/**
 * Gives a table another order of columns, in the transaction of a migration: the rows are copied, and whoever reads or
 * writes the table meanwhile waits. Columns that only the old one has are lost.
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

/** Definitions of some columns of a table, in the order of their names. */
export const columnsIn =
  <C extends string>(columns: Readonly<Record<C, string>>) =>
  (...names: readonly C[]): string[] =>
    names.map((name) => `${name} ${columns[name]}`);
