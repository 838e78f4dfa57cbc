import { createEventTable } from '@waybill/event-store';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Orders with their events, responses by idempotency key, and the service's copy of the catalogue. */
export class Orders1763700000002 implements MigrationInterface {
  readonly name = 'Orders1763700000002';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of [...orders, ...edge]) await runner.query(statement);
    await createEventTable(runner, 'order_events');
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of ['catalogue', 'idempotency_keys', 'order_events', 'orders']) {
      await runner.query(`DROP TABLE ${table}`);
    }
  }
}

const orders = [
  `CREATE TABLE orders (
    id uuid PRIMARY KEY,
    number text NOT NULL,
    status text NOT NULL CHECK (status IN ('pending', 'confirmed', 'partially_shipped', 'shipped',
      'delivered', 'rejected', 'cancelling', 'cancelled', 'returning', 'returned')),
    reason text CHECK ((reason IS NOT NULL) = (status = 'rejected')),
    cancel_reason text,
    customer_id text NOT NULL,
    total bigint NOT NULL CHECK (total >= 0),
    currency text NOT NULL,
    content jsonb NOT NULL,
    payment jsonb NOT NULL,
    shipments jsonb NOT NULL,
    early jsonb NOT NULL,
    placed_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    revision integer NOT NULL,
    version bigint NOT NULL,
    CONSTRAINT orders_revision CHECK (revision = version),
    CONSTRAINT orders_captured CHECK ((payment->>'captured')::bigint <= total)
  ) WITH (fillfactor = 70)`,
  // Ids are time-ordered, so this is also the order of placing.
  'CREATE INDEX orders_of_customer ON orders (customer_id, id)',
  'CREATE INDEX orders_by_status ON orders (status, id)',
];

const edge = [
  `CREATE TABLE idempotency_keys (
    id text COLLATE "C" PRIMARY KEY,
    body_hash text NOT NULL,
    status integer NOT NULL,
    location text NOT NULL,
    body text NOT NULL,
    stored_at timestamptz NOT NULL,
    version bigint NOT NULL
  )`,
  // Rows are in insertion order, so a block range index finds the old ones.
  'CREATE INDEX idempotency_keys_by_time ON idempotency_keys USING brin (stored_at)',
  `CREATE TABLE catalogue (
    sku text COLLATE "C" PRIMARY KEY,
    name text NOT NULL,
    price_amount bigint NOT NULL CHECK (price_amount BETWEEN 0 AND 1000000000),
    currency text NOT NULL,
    weight_grams integer NOT NULL CHECK (weight_grams >= 0),
    product_version integer NOT NULL,
    version bigint NOT NULL
  )`,
];
