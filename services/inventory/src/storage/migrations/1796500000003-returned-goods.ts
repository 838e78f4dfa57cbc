import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The sellable goods of each return, and their movements. The check is only widened, so every row satisfies it. */
export class ReturnedGoods1796500000003 implements MigrationInterface {
  readonly name = 'ReturnedGoods1796500000003';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE returned_goods (
        return_id uuid PRIMARY KEY,
        order_id uuid NOT NULL,
        lines jsonb NOT NULL,
        at timestamptz NOT NULL,
        version bigint NOT NULL
      )`);
    await replaceCheck(runner, [...kinds, 'returned']);
  }

  async down(runner: QueryRunner): Promise<void> {
    await replaceCheck(runner, kinds);
    await runner.query('DROP TABLE returned_goods');
  }
}

const kinds = ['received', 'reserved', 'released', 'sold', 'restored'];

/** Without checking the rows that exist, which would lock the table for as long. */
async function replaceCheck(runner: QueryRunner, values: readonly string[]): Promise<void> {
  const list = values.map((value) => `'${value}'`).join(', ');
  await runner.query(`ALTER TABLE stock_movements DROP CONSTRAINT stock_movements_kind_check,
    ADD CONSTRAINT stock_movements_kind_check CHECK (kind IN (${list})) NOT VALID`);
}
