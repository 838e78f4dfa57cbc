import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Sold lines of a cancelled order are put back on sale. The checks are only widened, so every row satisfies them. */
export class RestoredStock1796200000001 implements MigrationInterface {
  readonly name = 'RestoredStock1796200000001';

  async up(runner: QueryRunner): Promise<void> {
    await replaceCheck(runner, 'reservations', 'status', [...statuses, 'restored']);
    await replaceCheck(runner, 'stock_movements', 'kind', [...kinds, 'restored']);
  }

  async down(runner: QueryRunner): Promise<void> {
    await replaceCheck(runner, 'reservations', 'status', statuses);
    await replaceCheck(runner, 'stock_movements', 'kind', kinds);
  }
}

const statuses = ['reserved', 'rejected', 'released', 'committed', 'undone'];
const kinds = ['received', 'reserved', 'released', 'sold'];

/** Without checking the rows that exist, which would lock the table for as long. */
async function replaceCheck(
  runner: QueryRunner,
  table: string,
  column: string,
  values: readonly string[],
): Promise<void> {
  const name = `${table}_${column}_check`;
  const list = values.map((value) => `'${value}'`).join(', ');
  await runner.query(`ALTER TABLE ${table} DROP CONSTRAINT ${name},
    ADD CONSTRAINT ${name} CHECK (${column} IN (${list})) NOT VALID`);
}
