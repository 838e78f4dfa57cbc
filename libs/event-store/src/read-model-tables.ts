import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What a service with read models needs once, after the tables of its streams. */
export class ReadModelTables1796690000001 implements MigrationInterface {
  readonly name = 'ReadModelTables1796690000001';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`create table read_models (
      name text primary key,
      generation integer not null
    )`);
    await runner.query(`create table read_model_rebuilds (
      id uuid primary key,
      name text not null,
      generation integer not null,
      requested_by text not null,
      target bigint not null,
      started_at timestamptz not null,
      finished_at timestamptz
    )`);
    await runner.query(
      'create unique index read_model_rebuilds_running on read_model_rebuilds (name) where finished_at is null',
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table read_model_rebuilds');
    await runner.query('drop table read_models');
  }
}
