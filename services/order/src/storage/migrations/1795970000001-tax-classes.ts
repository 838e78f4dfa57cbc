import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The tax class of each product in the service's copy of the catalogue; those that are known already are of the standard one. */
export class TaxClasses1795970000001 implements MigrationInterface {
  readonly name = 'TaxClasses1795970000001';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE catalogue ADD COLUMN tax_class text NOT NULL DEFAULT 'standard'
      CHECK (tax_class IN ('standard', 'reduced', 'zero'))`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE catalogue DROP COLUMN tax_class');
  }
}
