import type { MigrationInterface, QueryRunner } from 'typeorm';

/** An order may have several parcels, each with a row; the first has the key of the order. */
export class Parcels1796300000003 implements MigrationInterface {
  readonly name = 'Parcels1796300000003';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE shipments ADD COLUMN parcel jsonb');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE shipments DROP COLUMN parcel');
  }
}
