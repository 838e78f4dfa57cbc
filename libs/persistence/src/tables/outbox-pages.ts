import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * The messages of a batch that its own process publishes are one row. Others read them through `outbox_message`; a page
 * is unpacked into rows, with the numbers of its messages, before single messages of it are deleted.
 */
export class OutboxPages1795950000006 implements MigrationInterface {
  readonly name = 'OutboxPages1795950000006';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of statements) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    // A page that is committed between the two statements would be lost.
    await runner.query('lock table outbox_page in access exclusive mode');
    await runner.query('select outbox_unpack(array(select seq from outbox_page))');
    await runner.query('drop function outbox_unpack(bigint[])');
    await runner.query('drop view outbox_message');
    await runner.query('drop table outbox_page');
    await runner.query('alter table outbox drop column page');
  }
}

const statements = [
  // The page that a row came from: a process that published the page deletes its rows by it.
  'alter table outbox add column page bigint',
  `create table outbox_page (
    seq bigint primary key,
    broker text not null,
    lanes bigint not null,
    at timestamptz not null default now(),
    seqs bigint[] not null,
    head integer not null,
    body bytea not null
  ) with (
    autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000,
    autovacuum_vacuum_insert_scale_factor = 0, autovacuum_vacuum_insert_threshold = 5000,
    autovacuum_analyze_scale_factor = 0, autovacuum_analyze_threshold = 10000,
    autovacuum_vacuum_cost_delay = 0, toast.autovacuum_vacuum_scale_factor = 0, toast.autovacuum_vacuum_threshold = 20000,
    toast.autovacuum_vacuum_cost_delay = 0
  )`,
  'alter table outbox_page alter body set storage external',
  // All messages that wait in pages, as rows of the outbox. The head of a body locates each message in it.
  `create view outbox_message as
    select p.seqs[m.place] as seq, p.broker, (m.of->>0)::integer as lane, h.head->'c'->>((m.of->>1)::integer) as channel,
      m.of->>2 as key, p.at, p.seq as page,
      convert_from(substring(p.body from p.head + (m.of->>3)::integer + 1 for (m.of->>4)::integer), 'UTF8') as body
    from outbox_page p,
      lateral (select convert_from(substring(p.body from 1 for p.head), 'UTF8')::jsonb as head offset 0) h,
      jsonb_array_elements(h.head->'m') with ordinality as m(of, place)`,
  // Unpacks pages into rows. Each page is locked first, so it is unpacked once, and never after its deletion.
  `create function outbox_unpack(pages bigint[]) returns void language plpgsql as $$
  declare found bigint[];
  begin
    select array_agg(seq) into found from (
      select seq from outbox_page where seq = any(pages) order by seq for update
    ) p;
    if found is null then return; end if;
    insert into outbox (seq, id, broker, lane, channel, key, at, body, page) overriding system value
      select seq, coalesce(substring(body from '"id":"([0-9a-f]{8}-[0-9a-f-]{27})"')::uuid, gen_random_uuid()), broker, lane, channel,
        key, at, body, page
      from outbox_message where page = any(found);
    delete from outbox_page where seq = any(found);
  end $$`,
];
