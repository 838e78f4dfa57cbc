import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Stores every flag of a payment in its own table. Earlier flags are restored from the events and responses of the
 * provider, including those that the column `payments.flag` no longer has. The column stays for the previous release,
 * which may still run; flags that it writes there are copied to this table. A later migration drops the column.
 */
export class PaymentFlags1795860000001 implements MigrationInterface {
  readonly name = 'PaymentFlags1795860000001';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of [...tables, fromEvents, fromAnswers, ...fromEarlierRelease]) {
      await runner.query(statement);
    }
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TRIGGER keep_payment_flag ON payments');
    await runner.query('DROP FUNCTION keep_payment_flag()');
    await runner.query('DROP TABLE payment_flags');
  }
}

const tables = [
  `CREATE TABLE payment_flags (
    id text COLLATE "C" PRIMARY KEY,
    order_id uuid NOT NULL,
    flag text NOT NULL CHECK (flag IN ('dispute', 'unknown_charge')),
    event_id text,
    detail text NOT NULL,
    occurred_at timestamptz NOT NULL,
    at timestamptz NOT NULL,
    version bigint NOT NULL
  )`,
  'CREATE INDEX payment_flags_of_order ON payment_flags (order_id, at, id)',
  // An id contains text of a provider, which may be too long for a cursor.
  'CREATE INDEX payment_flags_in_order ON payment_flags (at DESC, md5(id) DESC)',
];

/** The same ids as `flagIdOf` and `takeProviderEvent` make, so that a repeated event is recognised. */
const fromEvents = `
  INSERT INTO payment_flags (id, order_id, flag, event_id, detail, occurred_at, at, version)
  SELECT concat_ws('/', order_id, event_id, type, operation_id, amount, currency), order_id,
    CASE type WHEN 'charge.disputed' THEN 'dispute' ELSE 'unknown_charge' END, event_id,
    format('%s of %s %s (%s)', type, amount, currency, operation_id), at, at, 1
  FROM provider_events
  WHERE type = 'charge.disputed'
    OR (type = 'charge.captured' AND operation_id <> order_id || '/capture-payment')
    OR (type = 'charge.refunded' AND NOT starts_with(operation_id, order_id || '/refund-payment/'))`;

/** The same as `settleVoid` makes. */
const fromAnswers = `
  INSERT INTO payment_flags (id, order_id, flag, detail, occurred_at, at, version)
  SELECT operation_id || '/void', order_id, 'unknown_charge',
    'the provider says captured, although no capture was asked for', min(at), min(at), 1
  FROM provider_calls WHERE kind = 'void' AND outcome = 'captured' GROUP BY operation_id, order_id`;

const fromEarlierRelease = [
  `CREATE FUNCTION keep_payment_flag() RETURNS trigger LANGUAGE plpgsql AS $$
  BEGIN
    INSERT INTO payment_flags (id, order_id, flag, detail, occurred_at, at, version)
    VALUES (concat_ws('/', NEW.order_id, 'earlier-release', NEW.flag, NEW.version), NEW.order_id, NEW.flag,
      'flagged by the release before this one; see the events of the provider', NEW.updated_at, NEW.updated_at, 1);
    RETURN NULL;
  END $$`,
  `CREATE TRIGGER keep_payment_flag AFTER UPDATE OF flag ON payments FOR EACH ROW
    WHEN (NEW.flag IS NOT NULL AND NEW.flag IS DISTINCT FROM OLD.flag) EXECUTE FUNCTION keep_payment_flag()`,
];
