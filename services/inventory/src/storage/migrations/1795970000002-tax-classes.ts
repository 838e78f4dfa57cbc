import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The tax class of each product; existing ones are of the standard one. */
export class TaxClasses1795970000002 implements MigrationInterface {
  readonly name = 'TaxClasses1795970000002';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE products ADD COLUMN tax_class text NOT NULL DEFAULT 'standard'
      CHECK (tax_class IN ('standard', 'reduced', 'zero'))`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE products DROP COLUMN tax_class');
  }
}
