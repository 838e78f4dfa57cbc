import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Dead letters keep bytes that are not text, and the audit records who has read an original, and why. */
export class DeadLetterOriginals1795860000003 implements MigrationInterface {
  readonly name = 'DeadLetterOriginals1795860000003';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of [
      'alter table dead_letter add column body_bytes bytea',
      'alter table dead_letter_audit add column reason text, alter column original drop not null',
      'alter table dead_letter_audit drop constraint dead_letter_audit_action_check',
      `alter table dead_letter_audit add check (action in ('redriven', 'discarded', 'read'))`,
    ]) {
      await runner.query(statement);
    }
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const statement of [
      `delete from dead_letter_audit where action = 'read'`,
      'alter table dead_letter_audit drop constraint dead_letter_audit_action_check',
      `alter table dead_letter_audit add check (action in ('redriven', 'discarded'))`,
      'alter table dead_letter_audit drop column reason, alter column original set not null',
      'alter table dead_letter drop column body_bytes',
    ]) {
      await runner.query(statement);
    }
  }
}
