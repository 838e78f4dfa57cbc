import type { MigrationInterface, QueryRunner } from 'typeorm';
import { told } from '../handled.ts';

/**
 * A message that is applied on its first delivery keeps only two columns in the inbox, which identify a duplicate. Its
 * details are in the page of its batch; `handled` shows both kinds with the columns the inbox had before.
 */
export class JourneyPages1795950000004 implements MigrationInterface {
  readonly name = 'JourneyPages1795950000004';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of [...slim, ...pages]) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const statement of undone) await runner.query(statement);
  }
}

/** `causation_id` was always nullable. */
const needed = told.filter((column) => column !== 'causation_id');

const slim = [
  `alter table inbox ${needed.map((column) => `alter column ${column} drop not null`).join(', ')}`,
  'drop index inbox_key',
  'create index inbox_key on inbox (key) where key is not null',
];

const pages = [
  `create table journey_page (
    page bigint generated always as identity primary key,
    at timestamptz not null default waybill_now(),
    keys integer[] not null,
    body text not null
  ) with (autovacuum_vacuum_insert_scale_factor = 0, autovacuum_vacuum_insert_threshold = 2000)`,
  // Neither compressed nor parsed: both cost more than the space they save.
  'alter table journey_page alter body set storage external',
  'create index journey_page_keys on journey_page using gin (keys)',
  'create index journey_page_at on journey_page using brin (at)',
  `create function rows_of(body text) returns table (
    group_name text, message_id uuid, key text, type text, source text, correlation_id text, causation_id text,
    channel text, broker text, attempt integer, outcome text, at timestamptz, duration_ms integer, notes json
  ) language sql stable as $$
    with page as materialized (select body::jsonb as b)
    select k->>0, (r->>1)::uuid, r->>2, k->>1, k->>2, coalesce(r->>3, r->>2), r->>4,
      k->>3, k->>4, (r->>5)::integer, 'applied', (k->>5)::timestamptz, (r->>6)::integer, (r->7)::json
    from page, jsonb_array_elements(b->'r') with ordinality as e(r, place),
      lateral (select b->'k'->((r->>0)::integer) as k) shared order by place
  $$`,
  `create view handled as
    select group_name, message_id, ${told.join(', ')}, null::json as notes from inbox where key is not null
    union all select r.* from journey_page, rows_of(body) r`,
];

const undone = [
  `update inbox i set ${needed.map((column) => `${column} = h.${column}`).join(', ')}, causation_id = h.causation_id
    from (select r.* from journey_page, rows_of(body) r) h
    where i.key is null and h.message_id = i.message_id and h.group_name = i.group_name`,
  // A message without a page is still known, so a duplicate has no effect.
  `update inbox set key = '', type = '', source = '', correlation_id = '', channel = '', broker = '', attempt = 0, outcome = 'applied',
    at = now(), duration_ms = 0 where key is null`,
  'drop view handled',
  'drop function rows_of(text)',
  'drop table journey_page',
  'drop index inbox_key',
  'create index inbox_key on inbox (key)',
  `alter table inbox ${needed.map((column) => `alter column ${column} set not null`).join(', ')}`,
];
