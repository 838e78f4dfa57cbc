import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What operators did at the service, and at the gateway while this service stored it. */
export class OperatorActions1796750000001 implements MigrationInterface {
  readonly name = 'OperatorActions1796750000001';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`create table operator_action (id uuid primary key, service text not null, operator text not null,
      action text not null, subject text, reason text, at timestamptz not null default waybill_now(), status integer)`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table operator_action');
  }
}
