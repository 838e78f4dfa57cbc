import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Orders show whether their payment is disputed. */
export class Disputes1795990000001 implements MigrationInterface {
  readonly name = 'Disputes1795990000001';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE orders ADD COLUMN disputed boolean NOT NULL DEFAULT false');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE orders DROP COLUMN disputed');
  }
}
