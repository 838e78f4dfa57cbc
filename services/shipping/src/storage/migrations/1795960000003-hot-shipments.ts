import { columnsIn, rebuildTable } from '@waybill/persistence';
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { unapplied } from '../unapplied-facts.ts';

/**
 * Columns that never change come first and those that always change last, pages have room for the next version of each row, and
 * no index contains a column that changes with each move of a parcel. See docs/decisions/0016.
 */
export class HotShipments1795960000003 implements MigrationInterface {
  readonly name = 'HotShipments1795960000003';

  async up(runner: QueryRunner): Promise<void> {
    const stored = `has_unapplied_facts boolean NOT NULL GENERATED ALWAYS AS (${unapplied}) STORED`;
    await rebuildTable(runner, {
      table: 'shipments',
      create: `CREATE TABLE shipments (${[...constant, stored, ...changing, ...checks].join(', ')}) WITH (fillfactor = 45)`,
      indexes: [
        ...always,
        `CREATE INDEX shipments_with_unapplied_facts ON shipments (order_id) WHERE has_unapplied_facts`,
      ],
    });
  }

  async down(runner: QueryRunner): Promise<void> {
    await rebuildTable(runner, {
      table: 'shipments',
      create: `CREATE TABLE shipments (${[...before, ...checks].join(', ')}) WITH (fillfactor = 60)`,
      indexes: [
        ...always,
        `CREATE INDEX shipments_unsettled ON shipments (updated_at)
          WHERE status IN ('quoted', 'withdrawing', 'cancel_pending')`,
        `CREATE INDEX shipments_with_unapplied_facts ON shipments (updated_at, order_id) WHERE ${unapplied}`,
      ],
    });
  }
}

const columns = {
  order_id: 'uuid NOT NULL',
  id: 'uuid NOT NULL',
  customer_id: 'text',
  status: `text NOT NULL CHECK (status IN ('quoted', 'withdrawing', 'booked', 'picked_up', 'in_transit',
    'delivered', 'undeliverable', 'cancel_pending', 'cancelled', 'rejected', 'undone'))`,
  address: 'jsonb',
  method: `text CHECK (method IN ('standard', 'express'))`,
  weight_grams: 'bigint CHECK (weight_grams >= 0)',
  carrier: 'text',
  candidates: 'jsonb NOT NULL',
  tracking_number: 'text',
  cost_amount: 'bigint CHECK (cost_amount >= 0)',
  cost_currency: 'text',
  refusal: 'text',
  facts: 'jsonb NOT NULL',
  since: 'timestamptz NOT NULL',
  updated_at: 'timestamptz NOT NULL',
  version: 'bigint NOT NULL',
  tried: `jsonb NOT NULL DEFAULT '[]'`,
  refusal_reason: `text CHECK (refusal_reason IN ('shipping_unavailable', 'shipping_declined'))`,
};
const defined = columnsIn(columns);

const constant = [
  ...defined('order_id', 'id', 'since', 'customer_id', 'method', 'weight_grams', 'address'),
];
/** The least often changed first. */
const changing = [
  ...defined('refusal_reason', 'refusal', 'tried', 'carrier', 'candidates', 'tracking_number'),
  ...defined('cost_currency', 'cost_amount', 'facts', 'status', 'updated_at', 'version'),
];
const before = defined(...(Object.keys(columns) as (keyof typeof columns)[]));

const checks = [
  `CONSTRAINT live_shipments_are_booked CHECK (
    status NOT IN ('booked', 'picked_up', 'in_transit', 'delivered', 'undeliverable')
    OR num_nulls(carrier, tracking_number, cost_amount, cost_currency, address, method, weight_grams) = 0)`,
  `CONSTRAINT open_shipments_have_a_carrier CHECK (
    status NOT IN ('quoted', 'withdrawing', 'cancel_pending') OR carrier IS NOT NULL)`,
  `CONSTRAINT rejected_shipments_say_why CHECK (status <> 'rejected' OR refusal IS NOT NULL)`,
];

const always = [
  'ALTER TABLE shipments ADD PRIMARY KEY (order_id)',
  'CREATE UNIQUE INDEX shipments_by_id ON shipments (id)',
  'CREATE UNIQUE INDEX shipments_by_tracking_number ON shipments (carrier, tracking_number)',
];
