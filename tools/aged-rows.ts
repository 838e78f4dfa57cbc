import type { Pool } from 'pg';

interface Column {
  readonly name: string;
  readonly type: string;
  readonly isKey: boolean;
  readonly isMade: boolean;
}

/** Rows of nothing but their age, in the tables of a test database. */
export class AgedRows {
  constructor(private readonly pool: Pool) {}

  /** Adds a row that is so many hours old by this column, such as `orders.at`. */
  async add(column: string, hours: number, status: string | null = null): Promise<void> {
    const { table, at } = partsOf(column);
    const columns = await this.columnsOf(table);
    for (const { name, isKey } of columns)
      if (!isKey) await this.pool.query(`alter table ${table} alter column ${name} drop not null`);
    const wanted = columns.filter(
      ({ name, isKey, isMade }) =>
        name === at || (isKey && !isMade) || (status && name === 'status'),
    );
    const values = wanted.map(({ name, type }) => {
      if (name === at) return 'waybill_now() - $1 * interval $$1 hour$$';
      if (name === 'status' && status) return `'${status}'`;
      return type === 'bigint' || type === 'integer'
        ? '(random() * 1e9)::integer'
        : `gen_random_uuid()::${type}`;
    });
    await this.pool.query(
      `insert into ${table} (${wanted.map(({ name }) => name)}) values (${values})`,
      [hours],
    );
  }

  /** The rows of these columns, such as `orders.at 40`: their hours, of each table the youngest first. */
  async ages(columns: readonly string[]): Promise<string[]> {
    const found: string[] = [];
    for (const column of columns) {
      const { table, at } = partsOf(column);
      const { rows } = await this.pool.query<{ hours: number }>(
        `select round(extract(epoch from waybill_now() - ${at}) / 3600)::integer as hours from ${table} order by 1`,
      );
      found.push(...rows.map(({ hours }) => `${column} ${hours}`));
    }
    return found;
  }

  private async columnsOf(table: string): Promise<readonly Column[]> {
    const { rows } = await this.pool.query<Column>(
      `select attname as name, format_type(atttypid, null) as type,
        coalesce(attnum = any(indkey), false) as "isKey", atthasdef or attidentity <> '' as "isMade"
      from pg_attribute left join pg_index on indrelid = attrelid and indisprimary
      where attrelid = $1::regclass and attnum > 0 and not attisdropped`,
      [table],
    );
    return rows;
  }
}

function partsOf(column: string): { readonly table: string; readonly at: string } {
  const [table = '', at = ''] = column.split('.');
  return { table, at };
}
