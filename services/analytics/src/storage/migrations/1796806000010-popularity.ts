import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Views and sales of products, what goes together, and recommendations. */
export class Popularity1796806000010 implements MigrationInterface {
  readonly name = 'Popularity1796806000010';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of statements) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of tables) await runner.query(`DROP TABLE ${table}`);
  }
}

const tables = [
  'recommendations',
  'counted',
  'session_views',
  'product_pairs',
  'erased_customers',
  'customer_counts',
  'product_counts',
  'products',
];

const statements = [
  `CREATE TABLE products (
    sku text PRIMARY KEY,
    name text NOT NULL,
    category text NOT NULL,
    price_amount bigint NOT NULL,
    price_currency text NOT NULL,
    withdrawn boolean NOT NULL,
    version bigint NOT NULL
  )`,
  'CREATE INDEX products_by_category ON products (category)',
  `CREATE TABLE product_counts (
    sku text COLLATE "C" PRIMARY KEY,
    views bigint NOT NULL CHECK (views >= 0),
    units bigint NOT NULL CHECK (units >= 0),
    revenue bigint NOT NULL CHECK (revenue >= 0)
  ) WITH (fillfactor = 50)`,
  `CREATE TABLE customer_counts (
    customer_id text COLLATE "C" PRIMARY KEY,
    orders bigint NOT NULL CHECK (orders >= 0),
    spent bigint NOT NULL CHECK (spent >= 0)
  ) WITH (fillfactor = 50)`,
  'CREATE TABLE erased_customers (customer_id text PRIMARY KEY)',
  `CREATE TABLE product_pairs (
    kind text NOT NULL CHECK (kind IN ('bought', 'viewed')),
    sku text NOT NULL,
    other text NOT NULL,
    times bigint NOT NULL CHECK (times > 0),
    PRIMARY KEY (kind, sku, other)
  ) WITH (fillfactor = 70)`,
  `CREATE TABLE session_views (
    session_id text NOT NULL,
    sku text NOT NULL,
    at timestamptz NOT NULL,
    PRIMARY KEY (session_id, sku)
  )`,
  'CREATE INDEX session_views_by_time ON session_views USING brin (at)',
  'CREATE TABLE counted (id uuid PRIMARY KEY, at timestamptz NOT NULL)',
  'CREATE INDEX counted_by_time ON counted USING brin (at)',
  `CREATE TABLE recommendations (
    sku text PRIMARY KEY,
    items jsonb NOT NULL,
    at timestamptz NOT NULL
  )`,
];
