import type { TestDatabase } from './test-database.ts';

/**
 * The columns that the indexes of a table contain or have conditions on, by name. An update that changes one of them adds
 * an entry to every index of the table.
 */
export async function columnsInIndexes({ pool }: TestDatabase, table: string): Promise<string[]> {
  const { rows } = await pool.query<{ name: string }>(
    `select distinct a.attname as name from pg_index i join pg_attribute a on a.attrelid = i.indrelid
    where i.indrelid = to_regclass($1) and (a.attnum = any(i.indkey) or exists (
      select from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = i.indexrelid
        and d.refclassid = 'pg_class'::regclass and d.refobjid = i.indrelid and d.refobjsubid = a.attnum))
    order by 1`,
    [table],
  );
  return rows.map(({ name }) => name);
}
