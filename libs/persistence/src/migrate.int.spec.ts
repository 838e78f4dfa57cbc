import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newId } from '@waybill/message';
import { refName } from '@waybill/messaging';
import { Client } from 'pg';
import type { DataSource } from 'typeorm';
import { poolOf, serviceDataSource } from './data-source.ts';
import { migrate, pendingMigrations } from './migrate.ts';
import { PgStore } from './pg-store.ts';
import { columnsIn, rebuildTable } from './rebuild-table.ts';
import {
  batchOf,
  inboxRow,
  outboxRow,
  purchase,
  purchases,
  purchaseWrite,
  shop,
} from './testing/orders.fixture.ts';
import { schemaChanges } from './testing/schema-changes.ts';
import { testServer } from './testing/test-server.ts';

const name = `test_${randomBytes(6).toString('hex')}`;
let admin: Client;
let dataSource: DataSource;

beforeAll(async () => {
  const server = await testServer();
  admin = new Client({ connectionString: server.url('postgres') });
  await admin.connect();
  await admin.query(`create database ${name}`);
  dataSource = serviceDataSource({
    url: server.url(name),
    name: 'shop',
    ...shop,
  });
  await dataSource.initialize();
}, 60_000);
afterAll(async () => {
  await dataSource?.destroy();
  await admin?.query(`drop database if exists ${name} with (force)`);
  await admin?.end();
});

describe('migrating', () => {
  it('runs each migration once, however many start at the same time', async () => {
    // Ordered by their timestamps.
    const names = [
      'MessagingTables1763683200000',
      'ShopTables1763683200001',
      'ConsumerInstances1763683200002',
      'DeadLetterOriginals1795860000003',
      'JourneyPages1795950000004',
      'OutboxPages1795950000006',
      'TaskLeases1796750000002',
      'DeadLettersByMessage1797600000002',
    ];
    expect(new Set(await pendingMigrations(dataSource))).toEqual(new Set(names));
    const ran = await Promise.all([
      migrate(dataSource, shop.tables),
      migrate(dataSource, shop.tables),
    ]);
    expect(ran.flat()).toEqual(names);
    expect(await pendingMigrations(dataSource)).toEqual([]);
    expect(await new PgStore(poolOf(dataSource), shop.tables).missing()).toEqual([]);
  });

  it('can be taken back, and keeps as rows what was in pages', async () => {
    const store = new PgStore(poolOf(dataSource), shop.tables);
    const rows = [inboxRow({ key: 'k', causationId: newId() }), inboxRow({ outcome: 'dead' })];
    const outbox = [outboxRow(), outboxRow()];
    await store.commit(batchOf({ inbox: rows, outbox }));
    const forgotten = inboxRow({ key: 'forgotten' });
    await store.commit(batchOf({ inbox: [forgotten] }));
    await poolOf(dataSource).query(`delete from journey_page where body like '%forgotten%'`);
    for (let i = 0; i < 6; i += 1) await dataSource.undoLastMigration();
    const { rows: told } = await poolOf(dataSource).query(
      `select message_id, group_name, key, type, causation_id, outcome, attempt from inbox where message_id = any($1)`,
      [rows.map(({ messageId }) => messageId)],
    );
    expect(new Set(told)).toEqual(
      new Set(
        rows.map(({ messageId, group, key, type, causationId, outcome, attempt }) => ({
          message_id: messageId,
          group_name: group,
          key,
          type,
          causation_id: causationId,
          outcome,
          attempt,
        })),
      ),
    );
    const waiting = await poolOf(dataSource).query('select id, body from outbox order by seq');
    expect(waiting.rows).toEqual(outbox.map(({ id, body }) => ({ id, body })));
    const known = await poolOf(dataSource).query(
      'select outcome from inbox where message_id = $1',
      [forgotten.messageId],
    );
    expect(known.rows).toEqual([{ outcome: 'applied' }]);
    expect(await pendingMigrations(dataSource)).toHaveLength(6);
    await migrate(dataSource, shop.tables);
  });
});

describe('entities and tables', () => {
  it('agree', async () => {
    expect(await schemaChanges(dataSource)).toEqual([]);
  });

  it('are told apart where they differ', async () => {
    await dataSource.query(`alter table stock add colour text, alter available type bigint,
      alter available drop not null`);
    const changes = await schemaChanges(dataSource);
    await dataSource.query(`alter table stock drop colour, alter available type integer,
      alter available set not null`);
    expect(changes.join()).toMatch(
      /"stock" DROP COLUMN "colour".*"stock".*"available" integer NOT NULL/,
    );
  });
});

describe('a table with another order of columns', () => {
  it('has the rows of the old one, and keys over all of them', async () => {
    const pool = poolOf(dataSource);
    await pool.query(
      `create table parcel (id integer primary key, weight integer not null, sent boolean not null default false);
      insert into parcel select n, n * 2, n % 2 = 0 from generate_series(1, 100) n`,
    );
    const rows = async () => (await pool.query('select id, weight from parcel order by id')).rows;
    const before = await rows();
    const runner = dataSource.createQueryRunner();
    await runner.startTransaction();
    await rebuildTable(runner, {
      table: 'parcel',
      create: `create table parcel (${[
        ...columnsIn({ id: 'integer', weight: 'integer not null' })('weight', 'id'),
        'heavy boolean generated always as (weight > 100) stored',
      ]})`,
      indexes: ['alter table parcel add primary key (id)'],
    });
    await runner.commitTransaction();
    await runner.release();
    expect(await rows()).toEqual(before);
    const heavy = await pool.query('select count(*)::int n from parcel where heavy');
    expect(heavy.rows).toEqual([{ n: 50 }]);
    await expect(pool.query('insert into parcel values (1, 1)')).rejects.toThrow('parcel_pkey');
  });

  it('serves those who run meanwhile: what they have prepared is made anew', async () => {
    const store = new PgStore(poolOf(dataSource), shop.tables);
    const one = purchase();
    const ref = purchases.at(one.id) as never;
    const write = async (total: number, loaded: number) => {
      const fresh = purchaseWrite(purchase());
      const states = [purchaseWrite({ ...one, total }, loaded), fresh];
      await store.commit(batchOf({ states }));
      const value = { ...one, total };
      expect((await store.load([ref])).get(refName(ref))).toEqual({ value, version: loaded + 1 });
    };
    for (let loaded = 0; loaded < 8; loaded += 1) await write(loaded, loaded);
    const runner = dataSource.createQueryRunner();
    await runner.startTransaction();
    await rebuildTable(runner, {
      table: 'purchase',
      create: `create table purchase (placed_at timestamptz not null, lines jsonb not null, id uuid, paid boolean not null,
        total bigint not null, status text not null, version bigint not null)`,
      indexes: ['alter table purchase add primary key (id)'],
    });
    await runner.commitTransaction();
    await runner.release();
    for (let loaded = 8; loaded < 16; loaded += 1) await write(loaded, loaded);
    expect(await schemaChanges(dataSource)).toEqual([]);
  });
});
