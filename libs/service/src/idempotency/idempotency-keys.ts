import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The responses of requests by idempotency key. */
export class IdempotencyKeys1796700000031 implements MigrationInterface {
  readonly name = 'IdempotencyKeys1796700000031';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`CREATE TABLE idempotency_keys (
      id text COLLATE "C" PRIMARY KEY,
      body_hash text NOT NULL,
      status integer NOT NULL,
      location text NOT NULL,
      body text NOT NULL,
      stored_at timestamptz NOT NULL,
      version bigint NOT NULL
    )`);
    // Rows are in insertion order, so a block range index finds the old ones.
    await runner.query(
      'CREATE INDEX idempotency_keys_by_time ON idempotency_keys USING brin (stored_at)',
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE idempotency_keys');
  }
}
