import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Dead letters that are redriven a few each second. `credit` is how many more may be redriven now. */
export class RedriveJobs1796810000002 implements MigrationInterface {
  readonly name = 'RedriveJobs1796810000002';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`create table redrive_job (
      id uuid primary key,
      filter jsonb not null,
      last bigint not null,
      rate double precision not null,
      credit double precision not null default 1,
      expected integer not null,
      redriven integer not null default 0,
      requested_by text not null,
      started_at timestamptz not null default waybill_now(),
      stepped_at timestamptz not null default waybill_now(),
      finished_at timestamptz
    )`);
    await runner.query(
      'create index redrive_job_open on redrive_job (started_at) where finished_at is null',
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table redrive_job');
  }
}
