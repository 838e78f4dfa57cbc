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

/** A service pauses channels of its own for a while, beside operators. */
export class ChannelsPausedByServices1797700000002 implements MigrationInterface {
  readonly name = 'ChannelsPausedByServices1797700000002';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`alter table paused_channel add column by_service boolean not null default false,
      drop constraint paused_channel_pkey, add primary key (channel, by_service)`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('delete from paused_channel where by_service');
    await runner.query(`alter table paused_channel drop constraint paused_channel_pkey, drop column by_service,
      add primary key (channel)`);
  }
}
