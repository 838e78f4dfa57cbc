import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The table of a service's sagas; its check constraints are the last guard of the engine's invariants. */
export class SagaTables1763683300000 implements MigrationInterface {
  readonly name = 'SagaTables1763683300000';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of statements) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table sagas');
  }
}

const statements = [
  `create table sagas (
    id text primary key,
    saga text not null,
    definition_version integer not null,
    key text not null,
    status text not null check (status in ('running', 'compensating', 'completed', 'aborted')),
    step text not null,
    phase text not null check (phase in ('sending', 'waiting', 'settled')),
    reason text,
    data jsonb not null,
    undoing jsonb not null,
    due_at timestamptz,
    attempts integer not null,
    stuck boolean not null,
    cancel_requested text,
    started_at timestamptz not null,
    updated_at timestamptz not null,
    log jsonb not null,
    version bigint not null,
    check ((phase = 'settled') = (status in ('completed', 'aborted'))),
    check ((phase = 'settled') = (due_at is null)),
    check ((status in ('compensating', 'aborted')) = (reason is not null))
  ) with (fillfactor = 70)`,
  // Without due_at: it changes with every step, and each change would add an entry to every index.
  `create index sagas_unsettled on sagas (id) where phase <> 'settled'`,
  'create index sagas_of_key on sagas (key)',
  'create index sagas_newest on sagas (started_at desc, id desc)',
];
