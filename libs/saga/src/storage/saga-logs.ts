import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * The log of a saga is kept in the journey of its key instead of being rewritten with every step. The column stays for the rows
 * of an earlier release, and for that release while it still runs.
 */
export class SagaLogs1795950000005 implements MigrationInterface {
  readonly name = 'SagaLogs1795950000005';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`alter table sagas alter column log set default '[]'`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('alter table sagas alter column log drop default');
  }
}
