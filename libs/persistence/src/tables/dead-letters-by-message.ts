import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The dead letter of a message is found without a look at all the others. */
export class DeadLettersByMessage1797600000002 implements MigrationInterface {
  readonly name = 'DeadLettersByMessage1797600000002';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('create index dead_letter_by_message on dead_letter (message_id)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop index dead_letter_by_message');
  }
}
