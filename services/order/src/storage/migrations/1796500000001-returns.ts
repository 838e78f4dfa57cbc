import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The returns of each order; an operator names one by its id, and few orders have any. */
export class Returns1796500000001 implements MigrationInterface {
  readonly name = 'Returns1796500000001';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE orders ADD COLUMN returns jsonb NOT NULL DEFAULT '[]'`);
    await runner.query(`CREATE INDEX orders_with_returns ON orders USING gin (returns jsonb_path_ops)
      WHERE returns <> '[]'`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE orders DROP COLUMN returns');
  }
}
