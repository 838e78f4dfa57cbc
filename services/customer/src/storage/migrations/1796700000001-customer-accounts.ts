import { createEventTable } from '@waybill/event-store';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Accounts with their events, who has which e-mail address, and passwords. */
export class CustomerAccounts1796700000001 implements MigrationInterface {
  readonly name = 'CustomerAccounts1796700000001';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of tables) await runner.query(statement);
    await createEventTable(runner, 'customer_events', 'text');
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of ['customer_events', 'credentials', 'email_owners', 'customer_accounts']) {
      await runner.query(`DROP TABLE ${table}`);
    }
  }
}

const tables = [
  // Ids are text, because an external issuer of tokens chooses those of its users.
  `CREATE TABLE customer_accounts (
    id text COLLATE "C" PRIMARY KEY,
    status text NOT NULL CHECK (status IN ('active', 'inactive', 'erased')),
    email text,
    email_domain text,
    name text,
    locale text NOT NULL,
    roles jsonb NOT NULL,
    addresses jsonb NOT NULL,
    preferences jsonb NOT NULL,
    registered_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    revision integer NOT NULL,
    version bigint NOT NULL,
    CONSTRAINT customer_accounts_revision CHECK (revision = version)
  ) WITH (fillfactor = 70)`,
  // One row for each address that was ever used; without an owner, it is free again.
  `CREATE TABLE email_owners (
    email_hash text COLLATE "C" PRIMARY KEY,
    customer_id text,
    version bigint NOT NULL,
    CONSTRAINT email_owners_of_customer UNIQUE (customer_id) DEFERRABLE INITIALLY DEFERRED
  )`,
  `CREATE TABLE credentials (
    customer_id text COLLATE "C" PRIMARY KEY,
    password_hash text NOT NULL,
    changed_at timestamptz NOT NULL,
    version bigint NOT NULL
  )`,
];
