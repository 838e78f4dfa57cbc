import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Webhooks, and what is to be delivered to them. */
export class Webhooks1796808200001 implements MigrationInterface {
  readonly name = 'Webhooks1796808200001';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE webhooks (
        id uuid PRIMARY KEY,
        customer_id text,
        url text NOT NULL,
        description text NOT NULL,
        events jsonb NOT NULL,
        scheme text NOT NULL CHECK (scheme IN ('standard', 'legacy')),
        disabled_reason text CHECK (disabled_reason IN ('owner', 'gone', 'failing')),
        secret text NOT NULL,
        previous_secret text,
        previous_secret_until timestamptz,
        failures integer NOT NULL,
        failing_since timestamptz,
        paused_until timestamptz,
        created_at timestamptz NOT NULL,
        updated_at timestamptz NOT NULL,
        active_since timestamptz NOT NULL
      )`);
    await runner.query('CREATE INDEX webhooks_of_customer ON webhooks (customer_id)');
    await runner.query(`
      CREATE TABLE webhook_deliveries (
        id uuid PRIMARY KEY,
        webhook_id uuid NOT NULL,
        message_id text,
        type text NOT NULL,
        body text NOT NULL,
        status text NOT NULL CHECK (status IN ('pending', 'delivered', 'failed')),
        failures integer NOT NULL,
        due_at timestamptz NOT NULL,
        attempts jsonb NOT NULL,
        at timestamptz NOT NULL
      )`);
    await runner.query(`CREATE UNIQUE INDEX webhook_deliveries_of_message
      ON webhook_deliveries (webhook_id, message_id)`);
    await runner.query(
      'CREATE INDEX webhook_deliveries_in_order ON webhook_deliveries (webhook_id, id)',
    );
    await runner.query(`CREATE INDEX webhook_deliveries_pending
      ON webhook_deliveries (webhook_id, due_at) WHERE status = 'pending'`);
    await runner.query('CREATE INDEX webhook_deliveries_at ON webhook_deliveries USING brin (at)');
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of ['webhook_deliveries', 'webhooks'])
      await runner.query(`DROP TABLE ${table}`);
  }
}
