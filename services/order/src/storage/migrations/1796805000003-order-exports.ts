import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Exports of orders, and the orders that each has read so far. */
export class OrderExports1796805000003 implements MigrationInterface {
  readonly name = 'OrderExports1796805000003';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE order_exports (
        id uuid PRIMARY KEY,
        format text NOT NULL CHECK (format IN ('csv', 'parquet')),
        since timestamptz,
        until timestamptz NOT NULL,
        requested_by text NOT NULL,
        started_at timestamptz NOT NULL,
        finished_at timestamptz,
        expected bigint,
        orders bigint NOT NULL,
        last_order_id uuid
      )`);
    await runner.query(`
      CREATE TABLE order_export_pages (
        export_id uuid NOT NULL,
        last_order_id uuid NOT NULL,
        orders text NOT NULL,
        at timestamptz NOT NULL,
        PRIMARY KEY (export_id, last_order_id)
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of ['order_export_pages', 'order_exports']) {
      await runner.query(`DROP TABLE ${table}`);
    }
  }
}
