import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Creates the event table of a stream, in a migration of its service. Rows can only be inserted: a trigger rejects all
 * other changes. `idType` is the type of the stream's id.
 */
export async function createEventTable(
  runner: Pick<QueryRunner, 'query'>,
  table: string,
  idType: 'uuid' | 'text' = 'uuid',
): Promise<void> {
  if (!/^[a-z][a-z0-9_]*$/.test(table))
    throw new TypeError(`"${table}" is not the name of a table`);
  for (const statement of [
    `create table ${table} (
      position bigint not null unique,
      stream_id ${idType} not null,
      version bigint not null check (version > 0),
      type text not null,
      data jsonb not null,
      at timestamptz not null,
      message_id uuid not null,
      primary key (stream_id, version)
    )`,
    `create trigger ${table}_is_append_only before update or delete or truncate on ${table}
      for each statement execute function refuse_change_of_events()`,
  ]) {
    await runner.query(statement);
  }
}

/** What a service with streams needs once, before its event tables. */
export class EventStoreTables1763683250000 implements MigrationInterface {
  readonly name = 'EventStoreTables1763683250000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`create function refuse_change_of_events() returns trigger language plpgsql as $$
      begin
        raise exception 'events are never changed or deleted' using errcode = 'restrict_violation';
      end $$`);
    await runner.query(`create table projection_checkpoint (
      name text not null,
      generation integer not null,
      position bigint not null,
      primary key (name, generation)
    )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table projection_checkpoint');
    await runner.query('drop function refuse_change_of_events');
  }
}
