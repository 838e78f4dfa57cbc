import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The channels that operators have paused, for every replica of the service. */
export class PausedChannels1796810000001 implements MigrationInterface {
  readonly name = 'PausedChannels1796810000001';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`create table paused_channel (channel text primary key, paused_by text not null,
      paused_at timestamptz not null default clock_timestamp())`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table paused_channel');
  }
}
