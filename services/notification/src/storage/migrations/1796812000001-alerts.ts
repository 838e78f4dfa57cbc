import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Alerts, what silences them, and what gateways have seen. */
export class Alerts1796812000001 implements MigrationInterface {
  readonly name = 'Alerts1796812000001';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE alerts (
        id uuid PRIMARY KEY,
        rule text NOT NULL,
        severity text NOT NULL CHECK (severity IN ('page', 'ticket')),
        service text NOT NULL,
        check_name text NOT NULL,
        about text,
        value double precision,
        threshold double precision,
        unit text NOT NULL,
        state text NOT NULL CHECK (state IN ('firing', 'acknowledged', 'resolved')),
        started_at timestamptz NOT NULL,
        last_seen_at timestamptz NOT NULL,
        acknowledged_at timestamptz,
        acknowledged_by text,
        resolved_at timestamptz,
        notified_at timestamptz,
        CHECK ((state = 'resolved') = (resolved_at IS NOT NULL))
      )`);
    await runner.query(`CREATE UNIQUE INDEX alerts_open ON alerts (rule, service, check_name)
      WHERE state <> 'resolved'`);
    await runner.query('CREATE INDEX alerts_by_state ON alerts (state, id)');
    await runner.query('CREATE INDEX alerts_resolved ON alerts USING brin (resolved_at)');
    await runner.query(`
      CREATE TABLE alert_silences (
        id uuid PRIMARY KEY,
        rule text,
        service text,
        comment text NOT NULL,
        created_by text NOT NULL,
        created_at timestamptz NOT NULL,
        ends_at timestamptz NOT NULL
      )`);
    await runner.query('CREATE INDEX alert_silences_end ON alert_silences (ends_at)');
    await runner.query(`
      CREATE TABLE alert_observations (
        source text PRIMARY KEY,
        at timestamptz NOT NULL,
        processes jsonb NOT NULL
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of ['alert_observations', 'alert_silences', 'alerts'])
      await runner.query(`DROP TABLE ${table}`);
  }
}
