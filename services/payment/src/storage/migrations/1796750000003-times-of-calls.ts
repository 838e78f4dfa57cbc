import type { MigrationInterface, QueryRunner } from 'typeorm';

const tables = ['provider_calls', 'provider_events'];

/** Old calls and events are found by their times. */
export class TimesOfCalls1796750000003 implements MigrationInterface {
  readonly name = 'TimesOfCalls1796750000003';

  async up(runner: QueryRunner): Promise<void> {
    for (const table of tables)
      await runner.query(`CREATE INDEX ${table}_at ON ${table} USING brin (at)`);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of tables) await runner.query(`DROP INDEX ${table}_at`);
  }
}
