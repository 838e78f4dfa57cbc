import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The keys that encrypt personal data, each wrapped with a master key. */
export class DataKeys1796700000005 implements MigrationInterface {
  readonly name = 'DataKeys1796700000005';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE data_keys (
        subject text COLLATE "C" NOT NULL,
        version integer NOT NULL CHECK (version > 0),
        wrapped text,
        master text COLLATE "C",
        made_at timestamptz NOT NULL DEFAULT waybill_now(),
        PRIMARY KEY (subject, version),
        CHECK ((wrapped IS NULL) = (master IS NULL))
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE data_keys');
  }
}
