import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The audit of what operators do to sagas. */
export class SagaActions1796500000013 implements MigrationInterface {
  readonly name = 'SagaActions1796500000013';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE saga_actions (
        id uuid PRIMARY KEY,
        saga_id text NOT NULL,
        order_id uuid NOT NULL,
        action text NOT NULL CHECK (action IN ('retry', 'compensate')),
        step text NOT NULL,
        by text NOT NULL,
        at timestamptz NOT NULL
      )`);
    await runner.query('CREATE INDEX saga_actions_of_saga ON saga_actions (saga_id, at, id)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE saga_actions');
  }
}
