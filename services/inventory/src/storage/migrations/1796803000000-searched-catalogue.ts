import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Products can be withdrawn, and are found by their words. */
export class SearchedCatalogue1796803000000 implements MigrationInterface {
  readonly name = 'SearchedCatalogue1796803000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE products ADD COLUMN withdrawn_at timestamptz,
      ADD COLUMN search tsvector GENERATED ALWAYS AS (
        setweight(to_tsvector('english'::regconfig, name), 'A')
        || setweight(to_tsvector('english'::regconfig, sku), 'A')
        || setweight(to_tsvector('english'::regconfig, category), 'B')
        || setweight(to_tsvector('english'::regconfig, description), 'C')) STORED`);
    await runner.query('CREATE INDEX products_by_words ON products USING gin (search)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE products DROP COLUMN search, DROP COLUMN withdrawn_at');
  }
}
