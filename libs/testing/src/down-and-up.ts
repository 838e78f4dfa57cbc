import type { Stored } from '@waybill/persistence';
import type { TestDatabase } from './test-database.ts';

type Rows = Record<string, unknown[]>;
interface Migration {
  up(runner: unknown): Promise<void>;
  down(runner: unknown): Promise<void>;
}

/**
 * Reverts migrations and runs them again, in one transaction that locks out all others. Returns the rows of the
 * service's declared tables before, in between and after, in between without the columns that the migrations add.
 */
export async function downAndUp(
  { dataSource }: TestDatabase,
  { tables }: Stored,
  migrations: readonly Migration[],
): Promise<{ before: Rows; down: Rows; up: Rows }> {
  const runner = dataSource.createQueryRunner();
  const rows = async (): Promise<Rows> => {
    const found: Rows = {};
    for (const { table, entity } of tables) {
      const existing: { name: string }[] = await runner.query(
        'select attname as name from pg_attribute where attrelid = $1::regclass and not attisdropped',
        [table],
      );
      const names = dataSource
        .getMetadata(entity)
        .columns.filter((each) => !each.generatedType)
        .map(({ databaseName }) => databaseName)
        .filter((column) => existing.some(({ name }) => name === column))
        .join(', ');
      found[table] = await runner.query(`select ${names} from ${table} order by ${names}`);
    }
    return found;
  };
  try {
    await runner.startTransaction();
    const names = tables.map(({ table }) => table).sort();
    await runner.query(`lock table ${names.join(', ')} in access exclusive mode`);
    const before = await rows();
    for (const migration of [...migrations].reverse()) await migration.down(runner);
    const down = await rows();
    for (const migration of migrations) await migration.up(runner);
    const up = await rows();
    await runner.commitTransaction();
    return { before, down, up };
  } finally {
    await runner.release();
  }
}
