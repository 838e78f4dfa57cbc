import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Rebuilds of stages of the pipeline. */
export class StageRebuilds1797100000002 implements MigrationInterface {
  readonly name = 'StageRebuilds1797100000002';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE stage_rebuilds (
        id uuid PRIMARY KEY,
        stage text NOT NULL,
        expected bigint,
        requested_by text NOT NULL,
        started_at timestamptz NOT NULL,
        finished_at timestamptz
      )`);
    await runner.query(
      'CREATE UNIQUE INDEX stage_rebuilds_open ON stage_rebuilds ((true)) WHERE finished_at IS NULL',
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE stage_rebuilds');
  }
}
