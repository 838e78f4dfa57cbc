import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Deliveries, and the customers' preferences. */
export class Notification1763700000001 implements MigrationInterface {
  readonly name = 'Notification1763700000001';

  async up(runner: QueryRunner): Promise<void> {
    // The id begins with the order's id, so its index also finds the deliveries of an order.
    await runner.query(`
      CREATE TABLE deliveries (
        id text COLLATE "C" PRIMARY KEY,
        order_id uuid NOT NULL,
        template text NOT NULL,
        recipient text NOT NULL,
        status text NOT NULL CHECK (status IN ('logged', 'suppressed')),
        news jsonb NOT NULL,
        at timestamptz NOT NULL,
        version bigint NOT NULL,
        CONSTRAINT one_for_each_order_and_template CHECK (id = order_id::text || '/' || template)
      )`);
    await runner.query(`
      CREATE TABLE preferences (
        customer_id text PRIMARY KEY,
        email boolean NOT NULL,
        muted_templates jsonb NOT NULL,
        version bigint NOT NULL
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE preferences');
    await runner.query('DROP TABLE deliveries');
  }
}
