import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Deliveries are listed newest first; retention finds the oldest ones by the same index. */
export class NewestDeliveries1797600000001 implements MigrationInterface {
  readonly name = 'NewestDeliveries1797600000001';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('CREATE INDEX deliveries_in_order ON deliveries (at, id)');
    await runner.query('DROP INDEX deliveries_at');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('CREATE INDEX deliveries_at ON deliveries USING brin (at)');
    await runner.query('DROP INDEX deliveries_in_order');
  }
}
