import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Orders and revenue per minute. */
export class Analytics1763700000001 implements MigrationInterface {
  readonly name = 'Analytics1763700000001';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE order_counts (
        id text COLLATE "C" PRIMARY KEY,
        minute timestamptz NOT NULL,
        currency text NOT NULL,
        placed bigint NOT NULL CHECK (placed >= 0),
        confirmed bigint NOT NULL CHECK (confirmed >= 0),
        rejected bigint NOT NULL CHECK (rejected >= 0),
        cancelled bigint NOT NULL CHECK (cancelled >= 0),
        revenue bigint NOT NULL,
        version bigint NOT NULL
      ) WITH (fillfactor = 30)`);
    await runner.query('CREATE INDEX order_counts_by_minute ON order_counts (minute)');
    await runner.query(`
      CREATE TABLE region_sales (
        id text COLLATE "C" PRIMARY KEY,
        minute timestamptz NOT NULL,
        currency text NOT NULL,
        region text NOT NULL,
        shipping_method text NOT NULL,
        orders bigint NOT NULL CHECK (orders >= 0),
        revenue bigint NOT NULL,
        version bigint NOT NULL
      ) WITH (fillfactor = 30)`);
    await runner.query('CREATE INDEX region_sales_by_minute ON region_sales (minute)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE region_sales');
    await runner.query('DROP TABLE order_counts');
  }
}
