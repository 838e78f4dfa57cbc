import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Invoices and credit notes, which are issued once and never changed. */
export class Invoices1796600000001 implements MigrationInterface {
  readonly name = 'Invoices1796600000001';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE invoices (
        number text COLLATE "C" PRIMARY KEY,
        series text NOT NULL CHECK (series IN ('invoice', 'credit_note')),
        year integer NOT NULL,
        sequence bigint NOT NULL CHECK (sequence > 0),
        order_id uuid NOT NULL,
        order_version bigint NOT NULL,
        customer_id text NOT NULL,
        total bigint NOT NULL CHECK (total >= 0),
        issued_at timestamptz NOT NULL,
        document jsonb NOT NULL,
        CONSTRAINT invoices_in_series UNIQUE (series, year, sequence),
        CONSTRAINT invoices_of_order UNIQUE (order_id, order_version)
      )`);
    await runner.query(`CREATE FUNCTION refuse_change_of_invoices() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        RAISE EXCEPTION 'invoices are never changed or deleted' USING errcode = 'restrict_violation';
      END $$`);
    await runner.query(`CREATE TRIGGER invoices_are_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON invoices
      FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_invoices()`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE invoices');
    await runner.query('DROP FUNCTION refuse_change_of_invoices');
    await runner.query(`DELETE FROM projection_checkpoint WHERE name = 'invoices'`);
  }
}
