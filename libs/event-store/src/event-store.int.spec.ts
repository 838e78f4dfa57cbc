import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newId } from '@waybill/message';
import { HandClock } from '@waybill/messaging/testing';
import { bigint, instant, PgStore, stream } from '@waybill/persistence';
import { eventually, type TestDatabase, testDatabase } from '@waybill/persistence/testing';
import {
  Column,
  Entity,
  type MigrationInterface,
  PrimaryColumn,
  type QueryRunner,
  VersionColumn,
} from 'typeorm';
import { ConcurrencyConflict, EventStore, type Queryable } from './event-store.ts';
import { createEventTable, EventStoreTables1763683250000 } from './event-tables.ts';
import { FoldCheck, type Histories } from './fold-check.ts';
import { Projection } from './projection.ts';

interface Parcel {
  readonly id: string;
  readonly city: string;
  readonly grams: number;
  readonly movedAt: string;
  readonly path: readonly string[];
}
type Moved = { readonly type: 'moved'; readonly data: { readonly to: string } };

@Entity('parcel')
class ParcelEntity implements Parcel {
  @PrimaryColumn('uuid') readonly id!: string;
  @Column('text') readonly city!: string;
  @Column(bigint) readonly grams!: number;
  @Column(instant) readonly movedAt!: string;
  @Column('jsonb') readonly path!: readonly string[];
  @VersionColumn(bigint) readonly version!: number;
}
@Entity('parcel_event')
class ParcelEventEntity {
  @PrimaryColumn('uuid') readonly streamId!: string;
  @PrimaryColumn(bigint) readonly version!: number;
}
const parcels = stream<Parcel, Moved>(ParcelEntity, ParcelEventEntity, {
  evolve: (parcel, { data }, { id, at }) => ({
    id,
    city: data.to,
    grams: 500,
    movedAt: at,
    path: [...(parcel?.path ?? []), data.to],
  }),
});

class Parcels1763683250001 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`create table parcel (id uuid primary key, city text not null, grams bigint not null,
      moved_at timestamptz not null, path jsonb not null, version bigint not null)`);
    await createEventTable(runner, 'parcel_event');
    await createEventTable(runner, 'ledger_event', 'text');
    await runner.query('create table visits (city text primary key, count integer not null)');
  }
  async down(runner: QueryRunner): Promise<void> {
    for (const table of ['visits', 'ledger_event', 'parcel_event', 'parcel'])
      await runner.query(`drop table ${table}`);
  }
}

const moved = (to: string): Moved => ({ type: 'moved', data: { to } });
let database: TestDatabase;
let store: PgStore;
let events: EventStore<Parcel, Moved>;

beforeAll(async () => {
  database = await testDatabase({
    migrations: [EventStoreTables1763683250000, Parcels1763683250001],
    tables: [parcels],
  });
  store = new PgStore(database.pool, database.tables);
  events = new EventStore({ stream: parcels, pool: database.pool });
}, 60_000);
afterAll(() => database.close());

/** A parcel that was moved to these cities in order. */
async function parcel(...cities: [string, ...string[]]): Promise<string> {
  const id = newId();
  const [first, ...rest] = cities;
  await events.append(store, id, 0, [moved(first), ...rest.map(moved)]);
  return id;
}

describe('the history of a stream', () => {
  it('is its events in order, up to a version', async () => {
    const id = await parcel('Rome', 'Bern', 'Ulm');
    const history = await events.history(id);
    expect(history.map(({ version, event }) => [version, event.data.to])).toEqual([
      [1, 'Rome'],
      [2, 'Bern'],
      [3, 'Ulm'],
    ]);
    expect((await events.history(id, { upTo: 2 })).map(({ version }) => version)).toEqual([1, 2]);
    expect((await events.history(id, { after: 2 })).map(({ version }) => version)).toEqual([3]);
  });

  it('gives the state of any time', async () => {
    const id = await parcel('Rome', 'Bern');
    expect(await events.rebuild(id)).toMatchObject({ version: 2, state: { city: 'Bern' } });
    expect(await events.rebuild(id, { upTo: 1 })).toMatchObject({ state: { path: ['Rome'] } });
    expect(await events.rebuild(newId())).toBeUndefined();
  });

  it('is read as the present code knows it', async () => {
    const id = await parcel('Rom');
    const upcasters = { moved: { 1: ({ to }: { to: string }) => ({ to: `${to}e` }) } };
    const present = new EventStore({ stream: parcels, pool: database.pool, upcasters });
    expect((await present.rebuild(id))?.state.city).toBe('Rome');
  });

  it('is read on the connection that it is given', async () => {
    const id = await parcel('Rome');
    const empty = { query: async () => ({ rows: [] }) } as unknown as Queryable;
    expect([await events.readAll(0, 10, empty), await events.histories([id], empty)]).toEqual([
      [],
      [],
    ]);
  });

  it('is told stream by stream, each in its order', async () => {
    const ids = [await parcel('Rome', 'Bern'), await parcel('Ulm', 'Oslo')].sort();
    const found = await events.histories(ids);
    expect(found.map(({ streamId, version }) => [streamId, version])).toEqual(
      ids.flatMap((id) => [
        [id, 1],
        [id, 2],
      ]),
    );
  });

  it('is never changed', async () => {
    await parcel('Rome');
    for (const change of [
      `update parcel_event set type = 'x'`,
      'delete from parcel_event',
      'truncate parcel_event',
    ]) {
      await expect(database.pool.query(change)).rejects.toThrow(/never changed/);
    }
  });
});

describe('a table of events', () => {
  const insert = (position: number, stream: string, version: number) =>
    database.pool.query(
      `insert into ledger_event (position, stream_id, version, type, data, at, message_id)
      values ($1, $2, $3, 'booked', '{}', now(), $4)`,
      [position, stream, version, newId()],
    );

  it('has each version of a stream and each position once, from 1 on', async () => {
    await insert(1, 'cash', 1);
    await expect(insert(2, 'cash', 1)).rejects.toMatchObject({ code: '23505' });
    await expect(insert(1, 'bank', 1)).rejects.toMatchObject({ code: '23505' });
    await expect(insert(2, 'bank', 0)).rejects.toMatchObject({ code: '23514' });
    await insert(2, 'bank', 1);
  });

  it('has a name that needs no quotes', async () => {
    const making = createEventTable({} as QueryRunner, 'a; drop table b');
    await expect(making).rejects.toThrow('not the name of a table');
  });
});

describe('an append', () => {
  it('is kept with its moment and its message, and tells the new state', async () => {
    const [id, messageId] = [newId(), newId()];
    const at = new Date('2026-01-02T03:04:05.678Z');
    const appended = await events.append(store, id, 0, [moved('Rome'), moved('Bern')], {
      at,
      messageId,
    });
    expect(appended).toMatchObject({ version: 2, state: { city: 'Bern', path: ['Rome', 'Bern'] } });
    expect(await events.history(id)).toMatchObject([
      { version: 1, at: at.toISOString(), messageId },
      { version: 2, at: at.toISOString(), messageId },
    ]);
  });

  it('of another writer is told apart from a database that does not work', async () => {
    const away = Object.assign(new Error('gone'), { code: '57P01' });
    const broken = { load: async () => new Map(), commit: () => Promise.reject(away) };
    const append = events.append(broken as unknown as PgStore, newId(), 0, [moved('Rome')]);
    await expect(append).rejects.toBe(away);
  });

  it('is refused when the stream has moved on', async () => {
    const id = await parcel('Rome');
    await expect(events.append(store, id, 0, [moved('Bern')])).rejects.toThrow(ConcurrencyConflict);
    await events.append(store, id, 1, [moved('Bern')]);
    await expect(events.append(store, id, 1, [moved('Ulm')])).rejects.toThrow(ConcurrencyConflict);
    expect((await events.rebuild(id))?.state.path).toEqual(['Rome', 'Bern']);
  });

  it('lets one of many writers win', async () => {
    const id = await parcel('Rome');
    const results = await Promise.allSettled(
      ['A', 'B', 'C', 'D'].map((city) => events.append(store, id, 1, [moved(city)])),
    );
    const lost = results.filter(({ status }) => status === 'rejected');
    expect(lost.map((result) => (result as PromiseRejectedResult).reason)).toEqual(
      new Array(3).fill(expect.any(ConcurrencyConflict)),
    );
    expect(await events.history(id)).toHaveLength(2);
  });
});

it('numbers all events without a gap, in the order in which they can be read', async () => {
  const seen: number[] = [];
  let last = (await events.readAll(0, 10_000)).at(-1)?.position ?? 0;
  const from = last;
  const ids = Array.from({ length: 40 }, () => newId());
  const writers = Promise.all(
    ids.map((id) => events.append(store, id, 0, [moved('Rome'), moved('Bern')])),
  );
  let written = false;
  void writers.then(() => {
    written = true;
  });
  for (let more = true; more; ) {
    const wasWritten = written;
    const page = await events.readAll(last, 7);
    seen.push(...page.map(({ position }) => position));
    last = page.at(-1)?.position ?? last;
    more = page.length > 0 || !wasWritten;
  }
  expect(seen).toEqual(Array.from({ length: 80 }, (_, index) => from + index + 1));
});

describe('the stored fold', () => {
  it('is what the events give, and a difference is found', async () => {
    const id = await parcel('Rome', 'Bern');
    expect(await events.verifyFold({ pageSize: 7 })).toEqual([]);
    await database.pool.query(`update parcel set city = 'Oz', grams = 1 where id = $1`, [id]);
    expect(await events.verifyFold({ pageSize: 7 })).toEqual([
      { streamId: id, properties: ['city', 'grams'] },
    ]);
    await database.pool.query('delete from parcel where id = $1', [id]);
    expect(await events.verifyFold()).toEqual([{ streamId: id, properties: ['row'] }]);
    const { id: ghost } = { id: newId() };
    await database.pool.query(`insert into parcel values ($1, 'Oz', 1, now(), '[]', 1)`, [ghost]);
    expect(await events.verifyFold()).toContainEqual({ streamId: ghost, properties: ['events'] });
    await database.pool.query('delete from parcel where id = $1', [ghost]);
  });

  it('has the version of its last event', async () => {
    const id = await parcel('Rome');
    await database.pool.query('update parcel set version = 7 where id = $1', [id]);
    expect(await events.verifyFold()).toContainEqual({ streamId: id, properties: ['version'] });
    await database.pool.query('update parcel set version = 1 where id = $1', [id]);
  });

  it('is compared as of one moment, whatever is appended meanwhile', async () => {
    const id = await parcel('Rome');
    const histories: Histories<Moved> = async (ids, on) => {
      await events.append(store, id, 1, [moved('Bern')]);
      return await events.histories(ids, on);
    };
    const differences = await new FoldCheck(parcels, database.pool, histories).run(500);
    expect(differences.filter(({ streamId }) => streamId === id)).toEqual([]);
  });
});

describe('a projection', () => {
  const visits = (name: string, options: { fail?: () => boolean; generation?: number } = {}) =>
    new Projection<Moved>({
      name,
      generation: options.generation ?? 1,
      events,
      pool: database.pool,
      batchSize: 10,
      apply: async (client, batch) => {
        for (const { event } of batch) {
          await client.query(
            `insert into visits values ($1, 1) on conflict (city) do update set count = visits.count + 1`,
            [`${name} ${event.data.to}`],
          );
        }
        if (options.fail?.()) throw new Error('out of ink');
      },
    });
  const countOf = async (city: string): Promise<number> => {
    const { rows } = await database.pool.query('select count from visits where city = $1', [city]);
    return rows[0]?.count ?? 0;
  };

  it('counts each event once, on two replicas and after a failure', async () => {
    await parcel('Cork', 'Cork', 'Cork');
    let failures = 1;
    const first = visits('a', { fail: () => failures-- > 0 });
    await expect(first.catchUp()).rejects.toThrow('out of ink');
    expect(await countOf('a Rome')).toBe(0);
    await Promise.all([first.catchUp(), visits('a').catchUp(), first.catchUp()]);
    expect(await countOf('a Cork')).toBe(3);
    expect(await first.lag()).toBe(0);
    await parcel('Cork');
    expect(await first.lag()).toBe(1);
    await first.catchUp();
    expect(await countOf('a Cork')).toBe(4);
  });

  it('is built anew as another generation, beside the old one and those of other names', async () => {
    await parcel('Oslo');
    const before = await countOf('b Oslo');
    await visits('b').catchUp();
    await visits('b').catchUp();
    const once = await countOf('b Oslo');
    expect(once).toBeGreaterThan(before);
    const [next, other] = [visits('b', { generation: 2 }), visits('b2')];
    expect(await next.lag()).toBe(await other.lag());
    expect(await next.lag()).toBeGreaterThan(0);
    await next.catchUp();
    expect([await countOf('b Oslo'), await next.lag()]).toEqual([2 * once, 0]);
    expect(await other.lag()).toBeGreaterThan(0);
    await parcel('Oslo');
    await next.catchUp();
    expect([await visits('b').lag(), await next.lag()]).toEqual([1, 0]);
  });

  it('has no lag once it has caught up, although the last event is one of another stream', async () => {
    const projection = visits('c');
    await projection.catchUp();
    await database.pool.query('update event_head set position = position + 3');
    expect(await projection.lag()).toBe(3);
    await projection.catchUp();
    expect(await projection.lag()).toBe(0);
    await parcel('Turin');
    await projection.catchUp();
    expect([await countOf('c Turin'), await projection.lag()]).toEqual([1, 0]);
  });

  it('keeps up by itself until it is stopped', async () => {
    const clock = new HandClock();
    const troubles: unknown[] = [];
    let broken = true;
    const projection = visits('c', { fail: () => broken });
    await parcel('Lima');
    projection.start(clock, { onTrouble: (error) => troubles.push(error) });
    await projection.stop();
    expect(troubles).toHaveLength(1);
    broken = false;
    projection.start(clock);
    await projection.stop();
    expect(await countOf('c Lima')).toBe(1);
  });

  it('looks again after a while, once however often it is started, and not after its end', async () => {
    const clock = new HandClock();
    let looks = 0;
    const counting: Pick<typeof events, 'readAll'> = {
      readAll: (...of) => {
        looks += 1;
        return events.readAll(...of);
      },
    };
    const apply = async () => undefined;
    const projection = new Projection({ name: 'e', events: counting, pool: database.pool, apply });
    projection.start(clock);
    projection.start(clock);
    await projection.stop();
    expect(looks).toBe(1);
    projection.start(clock);
    await parcel('Kiel');
    await eventually(() => {
      clock.advance(250);
      return looks === 2;
    });
    await projection.stop();
    await parcel('Kiel');
    clock.advance(10_000);
    await projection.stop();
    expect(looks).toBe(2);
  });
});
