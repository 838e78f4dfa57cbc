import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Which process does a scheduled task now, and what old rows a task has deleted. */
export class TaskLeases1796750000002 implements MigrationInterface {
  readonly name = 'TaskLeases1796750000002';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`create table task_lease (name text primary key, holder text not null, fence bigint not null,
      taken_at timestamptz not null, ends_at timestamptz not null) with (fillfactor = 50)`);
    await runner.query(
      'create table retention_horizon (name text primary key, at timestamptz not null)',
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table retention_horizon');
    await runner.query('drop table task_lease');
  }
}
