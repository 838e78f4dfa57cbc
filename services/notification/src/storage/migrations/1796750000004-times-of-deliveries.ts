import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Old deliveries are found by their times. */
export class TimesOfDeliveries1796750000004 implements MigrationInterface {
  readonly name = 'TimesOfDeliveries1796750000004';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('CREATE INDEX deliveries_at ON deliveries USING brin (at)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP INDEX deliveries_at');
  }
}
