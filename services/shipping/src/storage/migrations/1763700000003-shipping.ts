import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The shipments. */
export class Shipping1763700000003 implements MigrationInterface {
  readonly name = 'Shipping1763700000003';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE shipments (
        order_id uuid PRIMARY KEY,
        id uuid NOT NULL,
        customer_id text,
        status text NOT NULL CHECK (status IN ('quoted', 'withdrawing', 'booked', 'picked_up',
          'in_transit', 'delivered', 'undeliverable', 'cancel_pending', 'cancelled', 'rejected', 'undone')),
        address jsonb,
        method text CHECK (method IN ('standard', 'express')),
        weight_grams bigint CHECK (weight_grams >= 0),
        carrier text,
        candidates jsonb NOT NULL,
        tracking_number text,
        cost_amount bigint CHECK (cost_amount >= 0),
        cost_currency text,
        refusal text,
        facts jsonb NOT NULL,
        since timestamptz NOT NULL,
        updated_at timestamptz NOT NULL,
        version bigint NOT NULL,
        CONSTRAINT live_shipments_are_booked CHECK (
          status NOT IN ('booked', 'picked_up', 'in_transit', 'delivered', 'undeliverable')
          OR num_nulls(carrier, tracking_number, cost_amount, cost_currency, address, method, weight_grams) = 0),
        CONSTRAINT open_shipments_have_a_carrier CHECK (
          status NOT IN ('quoted', 'withdrawing', 'cancel_pending') OR carrier IS NOT NULL),
        CONSTRAINT rejected_shipments_say_why CHECK (status <> 'rejected' OR refusal IS NOT NULL)
      ) WITH (fillfactor = 60)`);
    await runner.query('CREATE UNIQUE INDEX shipments_by_id ON shipments (id)');
    await runner.query(
      'CREATE UNIQUE INDEX shipments_by_tracking_number ON shipments (carrier, tracking_number)',
    );
    await runner.query(`
      CREATE INDEX shipments_unsettled ON shipments (updated_at)
      WHERE status IN ('quoted', 'withdrawing', 'cancel_pending')`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE shipments');
  }
}
