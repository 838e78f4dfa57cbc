import type { MigrationInterface, QueryRunner } from 'typeorm';

/** A secret that the refresh tokens of a session share. Those of sessions without one are refused: their customers sign in again. */
export class SessionFamily1796801000001 implements MigrationInterface {
  readonly name = 'SessionFamily1796801000001';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE sessions ADD COLUMN family_hash text NOT NULL DEFAULT ''`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE sessions DROP COLUMN family_hash');
  }
}
