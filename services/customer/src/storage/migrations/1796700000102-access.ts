import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Sessions with their refresh tokens, the keys that sign tokens, and wrong passwords. */
export class Access1796700000102 implements MigrationInterface {
  readonly name = 'Access1796700000102';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of tables) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE wrong_passwords, signing_keys, sessions');
    await runner.query('DROP INDEX customer_events_of_activity');
  }
}

const tables = [
  `CREATE TABLE sessions (
    id uuid PRIMARY KEY,
    customer_id text COLLATE "C" NOT NULL,
    started_at timestamptz NOT NULL,
    token_hash text NOT NULL,
    refreshed_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    ended_at timestamptz,
    end_reason text CHECK (end_reason IN ('signed_out', 'reused')),
    version bigint NOT NULL,
    CONSTRAINT sessions_end CHECK ((ended_at IS NULL) = (end_reason IS NULL))
  ) WITH (fillfactor = 70)`,
  'CREATE INDEX sessions_of_customer ON sessions (customer_id)',
  // Gateways follow these few events.
  `CREATE INDEX customer_events_of_activity ON customer_events (position)
    WHERE type IN ('deactivated', 'reactivated', 'erased')`,
  `CREATE TABLE signing_keys (
    id text PRIMARY KEY,
    public_key jsonb NOT NULL,
    private_key text NOT NULL,
    created_at timestamptz NOT NULL,
    signs_from timestamptz NOT NULL
  )`,
  // Only of the last minute, and harmless to lose, so it is not worth a write-ahead log.
  `CREATE UNLOGGED TABLE wrong_passwords (
    account text COLLATE "C" PRIMARY KEY,
    since timestamptz NOT NULL,
    count integer NOT NULL
  )`,
];
