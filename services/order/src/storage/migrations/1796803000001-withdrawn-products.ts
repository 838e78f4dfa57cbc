import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Which products of the service's copy of the catalogue are not on sale any more. */
export class WithdrawnProducts1796803000001 implements MigrationInterface {
  readonly name = 'WithdrawnProducts1796803000001';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE catalogue ADD COLUMN withdrawn boolean NOT NULL DEFAULT false');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE catalogue DROP COLUMN withdrawn');
  }
}
