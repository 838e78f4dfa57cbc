import type { MigrationInterface, QueryRunner } from 'typeorm';
import { unapplied, unappliedWithReturns } from '../unapplied-facts.ts';

/**
 * Parcels may be returned after their delivery. The column that says whether a fact is unapplied is computed again for every row, which
 * readers and writers wait for.
 */
export class ReturnedParcels1796500000005 implements MigrationInterface {
  readonly name = 'ReturnedParcels1796500000005';

  async up(runner: QueryRunner): Promise<void> {
    await replaceChecks(runner, [...ends, 'returned']);
    await replaceColumn(runner, unappliedWithReturns);
  }

  async down(runner: QueryRunner): Promise<void> {
    await replaceChecks(runner, ends);
    await replaceColumn(runner, unapplied);
  }
}

const ends = ['delivered', 'undeliverable'];

async function replaceChecks(runner: QueryRunner, ended: readonly string[]): Promise<void> {
  const list = (...statuses: readonly string[]) =>
    statuses.map((status) => `'${status}'`).join(', ');
  const live = ['booked', 'picked_up', 'in_transit', ...ended];
  const others = ['quoted', 'withdrawing', 'cancel_pending', 'cancelled', 'rejected', 'undone'];
  // PostgreSQL numbers the name of the check when the table is rebuilt.
  const found: { name: string }[] = await runner.query(`SELECT conname AS name FROM pg_constraint
    WHERE conrelid = 'shipments'::regclass AND contype = 'c' AND conname ~ '^shipments_status_check'`);
  for (const { name } of found) await runner.query(`ALTER TABLE shipments DROP CONSTRAINT ${name}`);
  await runner.query(`ALTER TABLE shipments DROP CONSTRAINT live_shipments_are_booked,
    ADD CONSTRAINT shipments_status_check CHECK (status IN (${list(...live, ...others)})) NOT VALID,
    ADD CONSTRAINT live_shipments_are_booked CHECK (status NOT IN (${list(...live)})
      OR num_nulls(carrier, tracking_number, cost_amount, cost_currency, address, method, weight_grams) = 0) NOT VALID`);
}

async function replaceColumn(runner: QueryRunner, expression: string): Promise<void> {
  await runner.query('ALTER TABLE shipments DROP COLUMN has_unapplied_facts');
  await runner.query(`ALTER TABLE shipments ADD COLUMN
    has_unapplied_facts boolean NOT NULL GENERATED ALWAYS AS (${expression}) STORED`);
  await runner.query(
    'CREATE INDEX shipments_with_unapplied_facts ON shipments (order_id) WHERE has_unapplied_facts',
  );
}
