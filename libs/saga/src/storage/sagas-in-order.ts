import type { MigrationInterface, QueryRunner } from 'typeorm';

/** A page of sagas is read by an index alone, however many began at the moment where the page before has ended. */
export class SagasInOrder1797600000000 implements MigrationInterface {
  readonly name = 'SagasInOrder1797600000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('create index sagas_in_order on sagas (started_at, id)');
    await runner.query('drop index sagas_newest');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('create index sagas_newest on sagas (started_at)');
    await runner.query('drop index sagas_in_order');
  }
}
