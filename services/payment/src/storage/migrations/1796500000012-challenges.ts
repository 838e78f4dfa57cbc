import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Payments that their customers must confirm. */
export class Challenges1796500000012 implements MigrationInterface {
  readonly name = 'Challenges1796500000012';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE payments ADD COLUMN challenge jsonb,
        DROP CONSTRAINT payments_status_check,
        ADD CONSTRAINT payments_status_check CHECK (status IN ('requires_action', 'authorized', 'declined',
          'captured', 'capture_refused', 'void_pending', 'voided', 'undone'))`);
    await runner.query(
      'CREATE INDEX payments_challenged ON payments (order_id) WHERE challenge IS NOT NULL',
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE payments DROP COLUMN challenge,
        DROP CONSTRAINT payments_status_check,
        ADD CONSTRAINT payments_status_check CHECK (status IN ('authorized', 'declined', 'captured',
          'capture_refused', 'void_pending', 'voided', 'undone'))`);
  }
}
