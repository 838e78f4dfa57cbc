import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Payments, refunds, the ledger, the provider log and the provider's events. */
export class Payment1763700000002 implements MigrationInterface {
  readonly name = 'Payment1763700000002';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE payments (
        order_id uuid PRIMARY KEY,
        payment_id uuid NOT NULL,
        status text NOT NULL CHECK (status IN ('authorized', 'declined', 'captured',
          'capture_refused', 'void_pending', 'voided', 'undone')),
        provider text NOT NULL,
        charge_id text,
        currency text,
        authorized bigint NOT NULL CHECK (authorized >= 0),
        captured bigint NOT NULL CHECK (captured BETWEEN 0 AND authorized),
        refunded bigint NOT NULL CHECK (refunded BETWEEN 0 AND captured),
        decline_reason text
          CHECK (decline_reason IN ('payment_declined', 'payment_unavailable', 'undone')),
        detail text NOT NULL,
        unsettled_since timestamptz,
        flag text CHECK (flag IN ('dispute', 'unknown_charge')),
        created_at timestamptz NOT NULL,
        updated_at timestamptz NOT NULL,
        version bigint NOT NULL,
        CHECK ((unsettled_since IS NOT NULL) = (status = 'void_pending'))
      ) WITH (fillfactor = 70)`);
    // An index on status would turn every authorization and capture from an in-place update into an index write.
    await runner.query(`
      CREATE INDEX payments_unsettled ON payments (unsettled_since, order_id)
        WHERE unsettled_since IS NOT NULL`);
    await runner.query(`
      CREATE TABLE refunds (
        operation_id text COLLATE "C" PRIMARY KEY,
        order_id uuid NOT NULL,
        refund_id uuid NOT NULL,
        status text NOT NULL CHECK (status IN ('refunded', 'refused')),
        amount bigint NOT NULL CHECK (amount > 0),
        currency text NOT NULL,
        detail text NOT NULL,
        at timestamptz NOT NULL,
        version bigint NOT NULL
      )`);
    await runner.query('CREATE INDEX refunds_by_order ON refunds (order_id)');
    // The id of an operation begins with its order, so (operation_id, kind, account) is unique as well.
    await runner.query(`
      CREATE TABLE ledger_entries (
        order_id uuid NOT NULL,
        operation_id text COLLATE "C" NOT NULL CHECK (starts_with(operation_id, order_id::text || '/')),
        kind text COLLATE "C" NOT NULL
          CHECK (kind IN ('authorize', 'void', 'capture', 'release', 'refund')),
        account text COLLATE "C" NOT NULL
          CHECK (account IN ('provider_hold', 'provider_balance', 'customer')),
        amount bigint NOT NULL CHECK (amount <> 0),
        currency text NOT NULL,
        at timestamptz NOT NULL,
        PRIMARY KEY (order_id, operation_id, kind, account)
      )`);
    await runner.query(`
      CREATE TABLE provider_calls (
        order_id uuid NOT NULL,
        id uuid NOT NULL,
        operation_id text NOT NULL,
        kind text NOT NULL,
        outcome text NOT NULL,
        amount bigint NOT NULL,
        charge_id text,
        reason text,
        at timestamptz NOT NULL,
        PRIMARY KEY (order_id, id)
      )`);
    await runner.query(`
      CREATE TABLE provider_events (
        event_id text COLLATE "C" PRIMARY KEY,
        type text NOT NULL,
        order_id uuid NOT NULL,
        operation_id text NOT NULL,
        charge_id text NOT NULL,
        amount bigint NOT NULL,
        currency text NOT NULL,
        at timestamptz NOT NULL,
        version bigint NOT NULL
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of [
      'provider_events',
      'provider_calls',
      'ledger_entries',
      'refunds',
      'payments',
    ]) {
      await runner.query(`DROP TABLE ${table}`);
    }
  }
}
