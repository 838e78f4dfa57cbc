import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Orders of goods at suppliers, by the id of the request for the goods. */
export class SupplierOrders1796807000000 implements MigrationInterface {
  readonly name = 'SupplierOrders1796807000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE supplier_orders (
        request_id uuid PRIMARY KEY,
        supplier text NOT NULL,
        sku text COLLATE "C" NOT NULL,
        quantity integer NOT NULL CHECK (quantity > 0),
        warehouse text NOT NULL,
        status text NOT NULL,
        refusal text,
        requested_at timestamptz NOT NULL,
        remind_at timestamptz,
        reminders integer NOT NULL,
        delivered_at timestamptz,
        version bigint NOT NULL
      )`);
    await runner.query(
      'CREATE INDEX supplier_orders_awaited ON supplier_orders (remind_at) WHERE remind_at IS NOT NULL',
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE supplier_orders');
  }
}
