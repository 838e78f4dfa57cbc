import type { MigrationInterface, QueryRunner } from 'typeorm';

/** An order may have several returns, and each gets e-mails of its own. The check is only widened, so every row satisfies it. */
export class ReturnEmails1796500000002 implements MigrationInterface {
  readonly name = 'ReturnEmails1796500000002';

  async up(runner: QueryRunner): Promise<void> {
    await replaceCheck(
      runner,
      `id = order_id::text || '/' || template OR starts_with(id, order_id::text || '/' || template || '/')`,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await replaceCheck(runner, `id = order_id::text || '/' || template`);
  }
}

/** Without checking the rows that exist, which would lock the table for as long. */
async function replaceCheck(runner: QueryRunner, check: string): Promise<void> {
  await runner.query(`ALTER TABLE deliveries DROP CONSTRAINT one_for_each_order_and_template,
    ADD CONSTRAINT one_for_each_order_and_template CHECK (${check}) NOT VALID`);
}
