import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The jobs of all queues of a service. A job that is done has no row. */
export class WorkJobs1796806000001 implements MigrationInterface {
  readonly name = 'WorkJobs1796806000001';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`create table work_job (
      id uuid primary key,
      queue text not null,
      key text not null,
      priority smallint not null check (priority between 0 and 3),
      due_at timestamptz not null,
      attempt integer not null default 0,
      -- How often it was added: a job that is added again while it runs, runs again.
      generation integer not null default 1,
      -- Grows with each claim: a worker whose claim is not the latest changes nothing.
      fence integer not null default 0,
      claimed_until timestamptz,
      dead_at timestamptz,
      error text,
      data jsonb not null,
      unique (queue, key)
    ) with (fillfactor = 70)`);
    await runner.query(
      'create index work_job_waiting on work_job (queue, priority desc, due_at) where dead_at is null',
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table work_job');
  }
}

/** The tables of jobs; list them among the migrations of the service. */
export const workMigrations = [WorkJobs1796806000001];
