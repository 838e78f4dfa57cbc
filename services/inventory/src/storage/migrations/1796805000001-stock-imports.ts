import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Files of deliveries: how far each is, its bytes until it is finished, and what happened to its lines. */
export class StockImports1796805000001 implements MigrationInterface {
  readonly name = 'StockImports1796805000001';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE stock_imports (
        id uuid PRIMARY KEY,
        digest text NOT NULL,
        size bigint NOT NULL,
        columns jsonb NOT NULL,
        position bigint NOT NULL CHECK (position BETWEEN 0 AND size),
        line bigint NOT NULL,
        received bigint NOT NULL,
        already_received bigint NOT NULL,
        refused bigint NOT NULL,
        requested_by text NOT NULL,
        started_at timestamptz NOT NULL,
        finished_at timestamptz,
        version bigint NOT NULL
      )`);
    await runner.query(
      'CREATE UNIQUE INDEX stock_imports_running ON stock_imports (digest) WHERE finished_at IS NULL',
    );
    await runner.query(`
      CREATE TABLE stock_import_pieces (
        import_id uuid NOT NULL,
        start bigint NOT NULL,
        bytes bytea NOT NULL,
        at timestamptz NOT NULL,
        PRIMARY KEY (import_id, start)
      )`);
    await runner.query(`
      CREATE TABLE stock_import_pages (
        import_id uuid NOT NULL,
        line bigint NOT NULL,
        report text NOT NULL,
        at timestamptz NOT NULL,
        PRIMARY KEY (import_id, line)
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of ['stock_import_pages', 'stock_import_pieces', 'stock_imports']) {
      await runner.query(`DROP TABLE ${table}`);
    }
  }
}
