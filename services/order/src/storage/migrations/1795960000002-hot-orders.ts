import { columnsIn, rebuildTable } from '@waybill/persistence';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Columns that never change come first and those that always change last, pages have room for the next version of each row, and
 * orders are indexed by a stage that rarely changes instead of by status. See docs/decisions/0016.
 */
export class HotOrders1795960000002 implements MigrationInterface {
  readonly name = 'HotOrders1795960000002';

  async up(runner: QueryRunner): Promise<void> {
    const stored = `stage text NOT NULL GENERATED ALWAYS AS (${stage}) STORED`;
    await rebuildTable(runner, {
      table: 'orders',
      create: `CREATE TABLE orders (${[...constant, stored, ...changing, ...checks].join(', ')}) WITH (fillfactor = 45)`,
      indexes: [...always, 'CREATE INDEX orders_by_stage ON orders (stage, id)'],
    });
    // Freezes append-only rows while their pages are still in memory, instead of a fifth of the table at once.
    await runner.query(`ALTER TABLE order_events SET (
      autovacuum_vacuum_insert_scale_factor = 0, autovacuum_vacuum_insert_threshold = 50000)`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE order_events RESET (
      autovacuum_vacuum_insert_scale_factor, autovacuum_vacuum_insert_threshold)`);
    await rebuildTable(runner, {
      table: 'orders',
      create: `CREATE TABLE orders (${[...before, ...checks].join(', ')}) WITH (fillfactor = 70)`,
      indexes: [...always, 'CREATE INDEX orders_by_status ON orders (status, id)'],
    });
  }
}

const columns = {
  id: 'uuid NOT NULL',
  number: 'text NOT NULL',
  status: `text NOT NULL CHECK (status IN ('pending', 'confirmed', 'partially_shipped', 'shipped',
    'delivered', 'rejected', 'cancelling', 'cancelled', 'returning', 'returned'))`,
  reason: `text CHECK ((reason IS NOT NULL) = (status = 'rejected'))`,
  cancel_reason: 'text',
  customer_id: 'text NOT NULL',
  total: 'bigint NOT NULL CHECK (total >= 0)',
  currency: 'text NOT NULL',
  content: 'jsonb NOT NULL',
  payment: 'jsonb NOT NULL',
  shipments: 'jsonb NOT NULL',
  early: 'jsonb NOT NULL',
  placed_at: 'timestamptz NOT NULL',
  updated_at: 'timestamptz NOT NULL',
  revision: 'integer NOT NULL',
  version: 'bigint NOT NULL',
};
const defined = columnsIn(columns);

const constant = [
  ...defined('id', 'customer_id', 'number', 'currency', 'total', 'placed_at', 'content'),
];
/** The least often changed first. */
const changing = [
  ...defined('cancel_reason', 'reason', 'early', 'status', 'shipments', 'payment'),
  ...defined('updated_at', 'revision', 'version'),
];
const before = defined(...(Object.keys(columns) as (keyof typeof columns)[]));

/** The same as `stageOf`. */
export const stage = `CASE WHEN status IN ('shipped', 'delivered') THEN 'sent'
  WHEN status IN ('rejected', 'cancelled', 'returned') THEN 'void' ELSE 'open' END`;

const checks = [
  'CONSTRAINT orders_revision CHECK (revision = version)',
  `CONSTRAINT orders_captured CHECK ((payment->>'captured')::bigint <= total)`,
];

const always = [
  'ALTER TABLE orders ADD PRIMARY KEY (id)',
  // Ids are time-ordered, so this is also the order of placing.
  'CREATE INDEX orders_of_customer ON orders (customer_id, id)',
];
