import type { MigrationInterface, QueryRunner } from 'typeorm';

const statuses = "'queued', 'collected', 'sent', 'bounced', 'dead', 'suppressed', 'logged'";

/** E-mails are sent, in the language of their customers, who read them as notifications, too. */
export class SentEmails1796808100001 implements MigrationInterface {
  readonly name = 'SentEmails1796808100001';

  async up(runner: QueryRunner): Promise<void> {
    // The check is only widened, so every row satisfies it.
    await runner.query(`ALTER TABLE deliveries
      ALTER COLUMN order_id DROP NOT NULL,
      ADD COLUMN customer_id text,
      ADD COLUMN locale text NOT NULL DEFAULT 'en',
      ADD COLUMN sent_at timestamptz,
      ADD COLUMN read_at timestamptz,
      ADD COLUMN error text,
      ADD COLUMN digest_id uuid,
      ADD COLUMN resends integer NOT NULL DEFAULT 0,
      DROP CONSTRAINT deliveries_status_check,
      ADD CONSTRAINT deliveries_status_check CHECK (status IN (${statuses})) NOT VALID`);
    await runner.query('CREATE INDEX deliveries_of_customer ON deliveries (customer_id, id)');
    // Few are in one of the others at a time.
    await runner.query(
      `CREATE INDEX deliveries_open ON deliveries (status, id) WHERE status NOT IN ('sent', 'suppressed', 'logged')`,
    );
    await runner.query(
      `CREATE INDEX deliveries_collected ON deliveries (customer_id, at) WHERE status = 'collected'`,
    );
    await runner.query(`ALTER TABLE preferences
      ADD COLUMN locale text NOT NULL DEFAULT 'en',
      ADD COLUMN digest text NOT NULL DEFAULT 'none' CHECK (digest IN ('none', 'hourly', 'daily'))`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE preferences DROP COLUMN locale, DROP COLUMN digest');
    await runner.query(`DELETE FROM deliveries WHERE order_id IS NULL`);
    await runner.query(
      `UPDATE deliveries SET status = 'logged' WHERE status NOT IN ('logged', 'suppressed')`,
    );
    await runner.query(`ALTER TABLE deliveries
      ALTER COLUMN order_id SET NOT NULL,
      DROP COLUMN customer_id, DROP COLUMN locale, DROP COLUMN sent_at, DROP COLUMN read_at, DROP COLUMN error,
      DROP COLUMN digest_id, DROP COLUMN resends,
      DROP CONSTRAINT deliveries_status_check,
      ADD CONSTRAINT deliveries_status_check CHECK (status IN ('logged', 'suppressed'))`);
  }
}
