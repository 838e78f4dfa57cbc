import type { MigrationInterface, QueryRunner } from 'typeorm';
import { unapplied } from '../unapplied-facts.ts';

/** Which carriers failed, whether a refusal is final, and which facts cannot be applied. */
export class UnappliedFacts1795860000002 implements MigrationInterface {
  readonly name = 'UnappliedFacts1795860000002';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE shipments ADD COLUMN tried jsonb NOT NULL DEFAULT '[]', ADD COLUMN refusal_reason text
        CHECK (refusal_reason IN ('shipping_unavailable', 'shipping_declined'))`);
    await runner.query(
      `CREATE INDEX shipments_with_unapplied_facts ON shipments (updated_at, order_id) WHERE ${unapplied}`,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP INDEX shipments_with_unapplied_facts');
    await runner.query('ALTER TABLE shipments DROP COLUMN tried, DROP COLUMN refusal_reason');
  }
}
