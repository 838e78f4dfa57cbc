import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The running processes of a service: a service may have several, and each may crash alone. */
export class ConsumerInstances1763683200002 implements MigrationInterface {
  readonly name = 'ConsumerInstances1763683200002';
  readonly statements = [
    `create table consumer_instance (
      group_name text not null,
      instance text not null,
      primary key (group_name, instance)
    )`,
    `alter table crash_mark add column instance text not null default ''`,
    'drop table consumer_run',
  ];

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of this.statements) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(
      'create table consumer_run (group_name text primary key, running boolean not null)',
    );
    await runner.query('alter table crash_mark drop column instance');
    await runner.query('drop table consumer_instance');
  }
}
