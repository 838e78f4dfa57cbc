import { columnsIn, rebuildTable } from '@waybill/persistence';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * A saga is updated at every step. Columns that never change come first and those that always change last, so that the database's
 * WAL holds little more than the change, and pages have room for the next version of each row. See docs/decisions/0016.
 */
export class HotSagas1795960000001 implements MigrationInterface {
  readonly name = 'HotSagas1795960000001';

  async up(runner: QueryRunner): Promise<void> {
    await rebuildTable(runner, {
      table: 'sagas',
      create: `create table sagas (${[...constant, ...changing, ...checks].join(', ')}) with (
        fillfactor = 45, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 20000)`,
      indexes: [
        primaryKey,
        // Without columns that a step changes: each change would add an entry to every index. The phase settles once.
        `create index sagas_unsettled on sagas (started_at) where phase <> 'settled'`,
        'create index sagas_newest on sagas (started_at)',
      ],
    });
  }

  async down(runner: QueryRunner): Promise<void> {
    await rebuildTable(runner, {
      table: 'sagas',
      create: `create table sagas (${[...before, ...checks].join(', ')}) with (fillfactor = 70)`,
      indexes: [
        primaryKey,
        `create index sagas_unsettled on sagas (id) where phase <> 'settled'`,
        'create index sagas_of_key on sagas (key)',
        'create index sagas_newest on sagas (started_at desc, id desc)',
      ],
    });
  }
}

const primaryKey = 'alter table sagas add primary key (id)';

const columns = {
  id: 'text not null',
  saga: 'text not null',
  definition_version: 'integer not null',
  key: 'text not null',
  status: `text not null check (status in ('running', 'compensating', 'completed', 'aborted'))`,
  step: 'text not null',
  phase: `text not null check (phase in ('sending', 'waiting', 'settled'))`,
  reason: 'text',
  data: 'jsonb not null',
  undoing: 'jsonb not null',
  due_at: 'timestamptz',
  attempts: 'integer not null',
  stuck: 'boolean not null',
  cancel_requested: 'text',
  started_at: 'timestamptz not null',
  updated_at: 'timestamptz not null',
  log: `jsonb not null default '[]'`,
  version: 'bigint not null',
};
const defined = columnsIn(columns);

const constant = defined('id', 'saga', 'key', 'definition_version', 'started_at', 'data', 'log');
/** The least often changed first. */
const changing = [
  ...defined('cancel_requested', 'reason', 'undoing', 'attempts', 'stuck', 'status', 'phase'),
  ...defined('step', 'due_at', 'updated_at', 'version'),
];
const before = defined(...(Object.keys(columns) as (keyof typeof columns)[]));

const checks = [
  `check ((phase = 'settled') = (status in ('completed', 'aborted')))`,
  `check ((phase = 'settled') = (due_at is null))`,
  `check ((status in ('compensating', 'aborted')) = (reason is not null))`,
];
