import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What gateways have counted of the answers to orders. */
export class AcceptMinutes1797700000001 implements MigrationInterface {
  readonly name = 'AcceptMinutes1797700000001';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE accept_minutes (
        source text NOT NULL,
        at timestamptz NOT NULL,
        total integer NOT NULL,
        bad integer NOT NULL CHECK (bad BETWEEN 0 AND total),
        PRIMARY KEY (source, at)
      )`);
    await runner.query('CREATE INDEX accept_minutes_at ON accept_minutes (at)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE accept_minutes');
  }
}
