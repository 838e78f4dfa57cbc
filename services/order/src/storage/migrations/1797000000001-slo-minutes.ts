import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What the goals of the service have seen, minute by minute. */
export class SloMinutes1797000000001 implements MigrationInterface {
  readonly name = 'SloMinutes1797000000001';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE slo_minutes (
        goal text NOT NULL,
        at timestamptz NOT NULL,
        total integer NOT NULL,
        bad integer NOT NULL CHECK (bad BETWEEN 0 AND total),
        PRIMARY KEY (goal, at)
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE slo_minutes');
  }
}
