import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * The tables that every service has for its messages. `waybill_now()` is the clock of leases and due times: the
 * database's own, which tests shift by a row in `clock_shift`. PostgreSQL calls it for each row that a condition
 * checks, but `(select waybill_now())` only once.
 */
export class MessagingTables1763683200000 implements MigrationInterface {
  readonly name = 'MessagingTables1763683200000';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of [...clock, ...inbox, ...waiting, ...owners, ...outbox, ...streams]) {
      await runner.query(statement);
    }
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of tables) await runner.query(`drop table ${table}`);
    await runner.query('drop function waybill_now()');
  }
}

const tables = [
  'event_head',
  'relay_owner',
  'relay_lane',
  'outbox',
  'crash_mark',
  'consumer_run',
  'group_shard',
  'dead_letter_audit',
  'dead_letter',
  'parked',
  'inbox',
  'inbox_horizon',
  'clock_shift',
];

const clock = [
  'create table clock_shift (shift interval not null)',
  `create function waybill_now() returns timestamptz language sql stable as $$
    select clock_timestamp() + coalesce((select shift from clock_shift limit 1), interval '0')
  $$`,
];

/** Partitioned by the time in the version 7 id, so a late redelivery finds the row of the first delivery. */
const inbox = [
  `create table inbox (
    group_name text not null,
    message_id uuid not null,
    key text not null,
    type text not null,
    source text not null,
    correlation_id text not null,
    causation_id text,
    channel text not null,
    broker text not null,
    attempt integer not null,
    outcome text not null check (outcome in ('applied', 'parked', 'dead', 'discarded')),
    at timestamptz not null,
    duration_ms integer not null,
    primary key (message_id, group_name)
  ) partition by range (message_id)`,
  'create index inbox_key on inbox (key)',
  'create table inbox_default partition of inbox default',
  'create table inbox_horizon (at timestamptz not null)',
];

const waiting = [
  `create table parked (
    seq bigint generated always as identity,
    group_name text not null,
    message_id uuid not null,
    shard integer not null,
    key text not null,
    channel text not null,
    body text not null,
    attempt integer not null,
    first_at timestamptz not null,
    due_at timestamptz,
    reason text not null check (reason in ('retry', 'asking', 'behind', 'newer', 'redriven', 'held')),
    error text,
    primary key (group_name, message_id)
  )`,
  'create index parked_in_order on parked (group_name, key, seq)',
  'create index parked_due on parked (group_name, due_at, seq)',
  `create table dead_letter (
    id uuid primary key,
    seq bigint generated always as identity,
    group_name text not null,
    message_id uuid,
    shard integer not null,
    key text,
    type text,
    channel text not null,
    handler text,
    body text not null,
    body_escaped boolean not null default false,
    attempts integer not null,
    code text not null,
    error text not null,
    stack text,
    first_at timestamptz not null,
    at timestamptz not null
  )`,
  'create index dead_letter_in_order on dead_letter (at desc, id desc)',
  `create table dead_letter_audit (
    seq bigint generated always as identity primary key,
    dead_letter_id uuid not null,
    action text not null check (action in ('redriven', 'discarded')),
    done_by text not null,
    at timestamptz not null default waybill_now(),
    original jsonb not null,
    edited_body text
  )`,
  'create index dead_letter_audit_of on dead_letter_audit (dead_letter_id)',
];

const owners = [
  `create table group_shard (
    group_name text not null,
    shard integer not null,
    epoch bigint not null,
    primary key (group_name, shard)
  ) with (fillfactor = 50)`,
  `create table consumer_run (group_name text primary key, running boolean not null)`,
  `create table crash_mark (
    group_name text not null,
    message_id text not null,
    starts integer not null,
    primary key (group_name, message_id)
  )`,
];

/** Rows are inserted and deleted, never updated, so vacuum must run early. */
const outbox = [
  `create table outbox (
    seq bigint generated always as identity primary key,
    id uuid not null,
    broker text not null,
    lane integer not null,
    channel text not null,
    key text not null,
    due_at timestamptz,
    at timestamptz not null default now(),
    body text not null
  ) with (
    autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000,
    autovacuum_vacuum_insert_scale_factor = 0, autovacuum_vacuum_insert_threshold = 10000,
    autovacuum_analyze_scale_factor = 0, autovacuum_analyze_threshold = 20000,
    autovacuum_vacuum_cost_delay = 0
  )`,
  'create index outbox_lane on outbox (broker, lane, seq)',
  'create index outbox_due on outbox (due_at) where due_at is not null',
  // The lease is the row of its owner: a renewal is one update, however many outbox partitions it covers.
  'create table relay_owner (owner text primary key, expires_at timestamptz not null) with (fillfactor = 50)',
  `create table relay_lane (
    broker text not null,
    lane integer not null,
    owner text,
    epoch bigint not null default 0,
    primary key (broker, lane)
  ) with (fillfactor = 50)`,
];

const streams = [
  'create table event_head (position bigint not null)',
  'insert into event_head values (0)',
];
