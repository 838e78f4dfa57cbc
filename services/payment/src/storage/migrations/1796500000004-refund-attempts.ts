import type { MigrationInterface, QueryRunner } from 'typeorm';

/** A refund that the provider refused can be tried again, as another operation there. */
export class RefundAttempts1796500000004 implements MigrationInterface {
  readonly name = 'RefundAttempts1796500000004';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE refunds ADD COLUMN attempts integer NOT NULL DEFAULT 1');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE refunds DROP COLUMN attempts');
  }
}
