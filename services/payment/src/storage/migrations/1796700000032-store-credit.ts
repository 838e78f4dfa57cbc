import type { MigrationInterface, QueryRunner } from 'typeorm';

const kinds = ['authorize', 'void', 'capture', 'release', 'refund'];
const creditKinds = ['deposit', 'withdrawal', 'reserve', 'unreserve', 'spend', 'credit_refund'];
const accounts = ['provider_hold', 'provider_balance', 'customer'];
const creditAccounts = ['credit', 'credit_hold', 'credit_spent', 'credit_source'];

const oneOf = (names: readonly string[]): string => `IN ('${names.join("', '")}')`;
const checks = (allKinds: readonly string[], allAccounts: readonly string[]): string => `
  DROP CONSTRAINT ledger_entries_kind_check,
  DROP CONSTRAINT ledger_entries_account_check,
  ADD CONSTRAINT ledger_entries_kind_check CHECK (kind ${oneOf(allKinds)}),
  ADD CONSTRAINT ledger_entries_account_check CHECK (account ${oneOf(allAccounts)})`;

/** Store credit: accounts of customers, what they pay of orders, and their entries in the ledger, which may be of no order. */
export class StoreCredit1796700000032 implements MigrationInterface {
  readonly name = 'StoreCredit1796700000032';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE credit_accounts (
        customer_id text COLLATE "C" PRIMARY KEY,
        currency text NOT NULL,
        balance bigint NOT NULL CHECK (balance >= 0),
        held bigint NOT NULL CHECK (held BETWEEN 0 AND balance),
        created_at timestamptz NOT NULL,
        updated_at timestamptz NOT NULL,
        version bigint NOT NULL
      )`);
    await runner.query(`
      CREATE TABLE credit_payments (
        order_id uuid PRIMARY KEY,
        customer_id text NOT NULL,
        payment_id uuid NOT NULL,
        status text NOT NULL CHECK (status IN ('reserved', 'declined', 'captured', 'released', 'undone')),
        currency text,
        amount bigint NOT NULL CHECK (amount >= 0),
        refunded bigint NOT NULL CHECK (refunded BETWEEN 0 AND amount),
        detail text NOT NULL,
        created_at timestamptz NOT NULL,
        updated_at timestamptz NOT NULL,
        version bigint NOT NULL
      )`);
    await runner.query('ALTER TABLE refunds ADD COLUMN credit bigint NOT NULL DEFAULT 0');
    await runner.query(`ALTER TABLE ledger_entries ALTER COLUMN order_id DROP NOT NULL,
      ADD COLUMN customer_id text, ${checks([...kinds, ...creditKinds], [...accounts, ...creditAccounts])}`);
    await runner.query(`CREATE UNIQUE INDEX ledger_entries_of_no_order ON ledger_entries (operation_id, account)
      WHERE order_id IS NULL`);
    await runner.query(`CREATE INDEX ledger_entries_of_credit
      ON ledger_entries (customer_id, at DESC, operation_id DESC, kind DESC) WHERE account = 'credit'`);
  }

  async down(runner: QueryRunner): Promise<void> {
    // The release before this one knows no store credit.
    await runner.query('DELETE FROM ledger_entries WHERE customer_id IS NOT NULL');
    await runner.query('DROP INDEX ledger_entries_of_credit');
    await runner.query('DROP INDEX ledger_entries_of_no_order');
    await runner.query(`ALTER TABLE ledger_entries ALTER COLUMN order_id SET NOT NULL,
      DROP COLUMN customer_id, ${checks(kinds, accounts)}`);
    await runner.query('ALTER TABLE refunds DROP COLUMN credit');
    await runner.query('DROP TABLE credit_payments');
    await runner.query('DROP TABLE credit_accounts');
  }
}
