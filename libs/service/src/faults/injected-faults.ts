import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The faults that operators have set, for every replica of the service; no row: no fault. */
export class InjectedFaults1795980000007 implements MigrationInterface {
  readonly name = 'InjectedFaults1795980000007';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`create table injected_fault (name text primary key, share double precision not null,
      latency_ms integer not null, set_by text not null, set_at timestamptz not null default clock_timestamp())`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table injected_fault');
  }
}
