import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Exports of windows, sessions and the times of orders, and the rows that each has read so far. */
export class MetricExports1797100000001 implements MigrationInterface {
  readonly name = 'MetricExports1797100000001';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE metric_exports (
        id uuid PRIMARY KEY,
        kind text NOT NULL CHECK (kind IN ('windows', 'sessions', 'order_times')),
        format text NOT NULL CHECK (format IN ('csv', 'parquet')),
        since timestamptz,
        until timestamptz NOT NULL,
        requested_by text NOT NULL,
        started_at timestamptz NOT NULL,
        finished_at timestamptz,
        expected bigint,
        rows bigint NOT NULL,
        last_key text,
        last_at text
      )`);
    await runner.query(`
      CREATE TABLE metric_export_pages (
        export_id uuid NOT NULL,
        first_row bigint NOT NULL,
        rows text NOT NULL,
        at timestamptz NOT NULL,
        PRIMARY KEY (export_id, first_row)
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of ['metric_export_pages', 'metric_exports'])
      await runner.query(`DROP TABLE ${table}`);
  }
}
