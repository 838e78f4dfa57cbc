import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The states of the pipeline of activities, and its results. */
export class ActivityPipeline1796813000001 implements MigrationInterface {
  readonly name = 'ActivityPipeline1796813000001';

  async up(runner: QueryRunner): Promise<void> {
    for (const table of stateTables) {
      await runner.query(`CREATE TABLE ${table} (
        id text PRIMARY KEY,
        state jsonb NOT NULL,
        waiting boolean NOT NULL,
        at timestamptz NOT NULL,
        version bigint NOT NULL
      ) WITH (fillfactor = 50)`);
      await runner.query(`CREATE INDEX ${table}_by_time ON ${table} USING brin (at)`);
    }
    for (const statement of statements) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE customer_counts DROP COLUMN version');
    for (const table of [...stateTables, ...otherTables]) await runner.query(`DROP TABLE ${table}`);
  }
}

const stateTables = ['session_activities', 'visitor_activities', 'window_states', 'session_states'];
const otherTables = [
  'enriched_activities',
  'customer_profiles',
  'window_metrics',
  'session_metrics',
  'order_facts',
];

const statements = [
  'ALTER TABLE customer_counts ADD COLUMN version bigint NOT NULL DEFAULT 1',
  'CREATE TABLE enriched_activities (id uuid PRIMARY KEY, at timestamptz NOT NULL, version bigint NOT NULL)',
  'CREATE INDEX enriched_activities_by_time ON enriched_activities USING brin (at)',
  `CREATE TABLE customer_profiles (
    customer_id text PRIMARY KEY,
    locale text,
    registered_at timestamptz,
    version bigint NOT NULL
  )`,
  `CREATE TABLE window_metrics (
    visitor text COLLATE "C" NOT NULL,
    started_at timestamptz NOT NULL,
    ended_at timestamptz NOT NULL,
    activities bigint NOT NULL CHECK (activities > 0),
    page_views bigint NOT NULL CHECK (page_views BETWEEN 0 AND activities),
    unique_pages bigint NOT NULL CHECK (unique_pages BETWEEN 0 AND page_views),
    purchases bigint NOT NULL CHECK (purchases BETWEEN 0 AND activities),
    spend bigint NOT NULL CHECK (spend >= 0),
    revision bigint NOT NULL,
    PRIMARY KEY (visitor, started_at)
  ) WITH (fillfactor = 70)`,
  'CREATE INDEX window_metrics_by_time ON window_metrics USING brin (started_at)',
  `CREATE TABLE session_metrics (
    session_id text COLLATE "C" NOT NULL,
    started_at timestamptz NOT NULL,
    ended_at timestamptz NOT NULL CHECK (ended_at >= started_at),
    customer_id text,
    country text,
    activities bigint NOT NULL CHECK (activities > 0),
    page_views bigint NOT NULL CHECK (page_views BETWEEN 0 AND activities),
    spend bigint NOT NULL CHECK (spend >= 0),
    entry_page text,
    exit_page text,
    pages jsonb NOT NULL,
    types jsonb NOT NULL,
    revision bigint NOT NULL,
    PRIMARY KEY (session_id, started_at)
  ) WITH (fillfactor = 70)`,
  'CREATE INDEX session_metrics_by_time ON session_metrics (started_at, session_id)',
  'CREATE INDEX session_metrics_by_customer ON session_metrics (customer_id, started_at)',
  `CREATE TABLE order_facts (
    order_id uuid PRIMARY KEY,
    customer_id text NOT NULL,
    country text NOT NULL,
    amount bigint NOT NULL,
    currency text NOT NULL,
    high_value boolean NOT NULL,
    placed_at timestamptz NOT NULL,
    settled_at timestamptz,
    outcome text CHECK (outcome IN ('confirmed', 'rejected', 'cancelled')),
    version bigint NOT NULL
  ) WITH (fillfactor = 70)`,
  'CREATE INDEX order_facts_by_time ON order_facts (placed_at, order_id)',
];
