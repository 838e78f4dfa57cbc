import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Vouchers, and how often each customer holds one. Both are updated by every order with a voucher, and by no other. */
export class Vouchers1795970000003 implements MigrationInterface {
  readonly name = 'Vouchers1795970000003';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE vouchers (
        code text COLLATE "C" PRIMARY KEY,
        percent integer CHECK (percent BETWEEN 1 AND 100),
        amount bigint CHECK (amount > 0),
        currency text NOT NULL,
        minimum_subtotal bigint NOT NULL CHECK (minimum_subtotal >= 0),
        valid_from timestamptz,
        valid_until timestamptz,
        max_uses integer CHECK (max_uses > 0),
        max_uses_per_customer integer CHECK (max_uses_per_customer > 0),
        uses integer NOT NULL CHECK (uses >= 0),
        disabled_at timestamptz,
        created_at timestamptz NOT NULL,
        version bigint NOT NULL,
        CONSTRAINT vouchers_percent_or_amount CHECK ((percent IS NULL) <> (amount IS NULL)),
        CONSTRAINT vouchers_not_overused CHECK (uses <= max_uses)
      ) WITH (fillfactor = 50)`);
    await runner.query(`
      CREATE TABLE voucher_holders (
        id text COLLATE "C" PRIMARY KEY,
        code text NOT NULL,
        customer_id text NOT NULL,
        uses integer NOT NULL CHECK (uses >= 0),
        version bigint NOT NULL
      ) WITH (fillfactor = 80)`);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of ['voucher_holders', 'vouchers']) await runner.query(`DROP TABLE ${table}`);
  }
}
