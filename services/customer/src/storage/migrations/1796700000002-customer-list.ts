import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The list of customers; each generation is one, built from the first event. */
export class CustomerList1796700000002 implements MigrationInterface {
  readonly name = 'CustomerList1796700000002';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`CREATE TABLE customer_list (
      generation integer NOT NULL,
      id text COLLATE "C" NOT NULL,
      active boolean NOT NULL,
      email text,
      email_domain text,
      name text,
      locale text NOT NULL,
      registered_at timestamptz NOT NULL,
      PRIMARY KEY (generation, id)
    )`);
    await runner.query(
      'CREATE INDEX customer_list_by_domain ON customer_list (generation, email_domain, id)',
    );
    await runner.query(
      'CREATE INDEX customer_list_inactive ON customer_list (generation, id) WHERE NOT active',
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE customer_list');
    for (const table of ['read_models', 'projection_checkpoint'])
      await runner.query(`DELETE FROM ${table} WHERE name = 'customers'`);
  }
}
