import { randomBytes } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Global, Injectable, Module } from '@nestjs/common';
import { Test, type TestingModule } from '@nestjs/testing';
import { embeddedBroker } from '@waybill/embedded-broker';
import { type Envelope, event } from '@waybill/message';
import { Handles, Messaging, MessagingModule, oneBroker } from '@waybill/messaging';
import { Client } from 'pg';
import { Column, DataSource, Entity, EntityManager, PrimaryColumn } from 'typeorm';
import { z } from 'zod';
import { Outbox } from './outbox.ts';
import { PersistenceModule } from './persistence.module.ts';
import { eventually } from './testing/eventually.ts';
import { testServer } from './testing/test-server.ts';

const contract = {
  schema: z.strictObject({ id: z.string() }),
  key: (data: { id: string }) => data.id,
};
const Noted = event('notes.noted', { ...contract, summary: 'A note was taken.' });
const Filed = event('notes.filed', { ...contract, summary: 'A note was filed.' });

@Entity()
class Note {
  @PrimaryColumn('text') id!: string;
  @Column('integer') filed!: number;
}

/** Files notes, and subscribes to the events that they were filed. */
@Injectable()
class Clerk {
  readonly received: Envelope[] = [];
  readonly troubles: Error[] = [];
  calls = 0;

  constructor(private readonly outbox: Outbox) {}

  @Handles(Noted)
  async file({ id }: { id: string }, manager: EntityManager): Promise<void> {
    this.calls += 1;
    await manager.increment(Note, { id }, 'filed', 1);
    await this.outbox.add(manager, [Filed({ id }), Filed({ id })]);
    await this.outbox.add(manager, Filed({ id }));
    const trouble = this.troubles.shift();
    if (trouble) throw trouble;
  }

  @Handles(Filed, { group: 'archive' })
  async archive(_: { id: string }, __: EntityManager, message: Envelope): Promise<void> {
    this.received.push(message);
  }
}

let url: string;
let dataSource: DataSource;
let app: TestingModule;
let clerk: Clerk;
let outbox: Outbox;
const name = `plain_${randomBytes(6).toString('hex')}`;

const inServer = async (statement: string): Promise<void> => {
  const client = new Client({ connectionString: (await testServer()).url('postgres') });
  await client.connect();
  await client.query(statement);
  await client.end();
};
const opened = async (): Promise<DataSource> => {
  const made = new DataSource({ type: 'postgres', url, entities: [Note], synchronize: true });
  return made.initialize();
};
/** An application with its own data source. */
async function start(exclusive = false): Promise<TestingModule> {
  @Global()
  @Module({ providers: [{ provide: DataSource, useValue: dataSource }], exports: [DataSource] })
  class Database {}
  const messaging = { service: 'notes', brokers: oneBroker(embeddedBroker()) };
  const module = await Test.createTestingModule({
    imports: [
      Database,
      PersistenceModule.forRoot(
        { dataSource: DataSource },
        { service: 'notes', migrate: true, exclusive },
      ),
      MessagingModule.forRoot(messaging),
    ],
    providers: [Clerk],
  }).compile();
  await module.init();
  await module.get(Messaging).start();
  return module;
}

/** Inserts a note and publishes a message about it. */
const take = (id: string, also: (manager: EntityManager) => Promise<unknown> = async () => {}) =>
  dataSource.transaction(async (manager) => {
    await manager.insert(Note, { id, filed: 0 });
    await outbox.add(manager, Noted({ id }));
    await also(manager);
  });
const filed = async (id: string) => (await dataSource.manager.findOneBy(Note, { id }))?.filed;
const isArchived = (id: string) => () =>
  clerk.received.filter(({ key }) => key === id).length === 3;

beforeAll(async () => {
  await inServer(`create database ${name}`);
  url = (await testServer()).url(name);
  dataSource = await opened();
}, 60_000);
afterAll(async () => {
  await dataSource?.destroy();
  await inServer(`drop database if exists ${name} with (force)`);
});
beforeEach(async () => {
  app = await start();
  clerk = app.get(Clerk);
  outbox = app.get(Outbox);
});
afterEach(() => app.close());

describe('a message that a transaction adds', () => {
  it('goes out when the transaction commits, and what its handler writes and says is committed together', async () => {
    await take('a');
    await eventually(isArchived('a'));
    expect([await filed('a'), clerk.calls]).toEqual([1, 1]);
    const [noted] = await dataSource.query(
      `select message_id, correlation_id from handled where type = 'notes.noted'`,
    );
    expect(new Set(clerk.received.map(({ id }) => id)).size).toBe(3);
    for (const { causationId, correlationId } of clerk.received)
      expect({ causationId, correlationId }).toEqual({
        causationId: noted.message_id,
        correlationId: noted.correlation_id,
      });
  });

  it('is forgotten with a transaction that fails, and with a savepoint that is rolled back', async () => {
    const failure = new Error('changed my mind');
    const failing = take('b', async () => {
      throw failure;
    });
    await expect(failing).rejects.toBe(failure);
    await take('c', async (manager) => {
      await manager
        .transaction(async (inner) => {
          await outbox.add(inner, Noted({ id: 'never' }));
          throw failure;
        })
        .catch(() => undefined);
      await manager.transaction((inner) => outbox.add(inner, Filed({ id: 'c' })));
    });
    await eventually(() => clerk.received.filter(({ key }) => key === 'c').length === 4);
    expect([clerk.calls, await filed('b')]).toEqual([1, undefined]);
  });

  it.each([
    ['outside a transaction', () => dataSource.manager],
    ['without a manager', () => undefined as unknown as EntityManager],
  ])('is refused %s', async (_, manager) => {
    await expect(outbox.add(manager(), Noted({ id: 'd' }))).rejects.toMatchObject({
      code: 'transaction_required',
      message: expect.stringContaining('dataSource.transaction()'),
    });
  });

  it('is refused in a transaction of another data source', async () => {
    const other = await opened();
    const added = other.transaction((manager) => outbox.add(manager, Noted({ id: 'e' })));
    await expect(added).rejects.toThrow(/data source that the outbox is in/);
    await other.destroy();
  });

  it('waits for the transaction that has added the one before it, of its key', async () => {
    const order: string[] = [];
    let commit = (): void => {};
    const held = new Promise<void>((resolve) => {
      commit = resolve;
    });
    let added = (): void => {};
    const first = new Promise<void>((resolve) => {
      added = resolve;
    });
    const one = dataSource.transaction(async (manager) => {
      await outbox.add(manager, Filed({ id: 'f' }));
      added();
      await held;
      order.push('first');
    });
    await first;
    const two = dataSource.transaction(async (manager) => {
      await outbox.add(manager, Filed({ id: 'f' }));
      order.push('second');
    });
    await eventually(async () => {
      const [{ waiting }] = await dataSource.query(
        `select count(*)::integer waiting from pg_locks where locktype = 'advisory' and not granted and database = (
          select oid from pg_database where datname = current_database())`,
      );
      return waiting === 1;
    });
    commit();
    await Promise.all([one, two]);
    expect(order).toEqual(['first', 'second']);
  });
});

describe('a handler in a transaction', () => {
  it('has no effect when it fails, and is called again', async () => {
    clerk.troubles.push(new Error('not now'));
    await take('g');
    await eventually(isArchived('g'));
    expect([clerk.calls, await filed('g')]).toEqual([2, 1]);
  });

  it('is not called again for a message that comes twice', async () => {
    await take('h', (manager) =>
      manager.query(`insert into outbox (id, broker, lane, channel, key, body)
        select id, broker, lane, channel, key, body from outbox where key = 'h'`),
    );
    await take('i');
    await eventually(isArchived('h'));
    await eventually(isArchived('i'));
    expect([clerk.calls, await filed('h')]).toEqual([2, 1]);
  });

  it('makes a dead letter of what cannot be retried', async () => {
    clerk.troubles.push(Object.assign(new Error('no such drawer'), { retriable: false }));
    await take('j');
    await eventually(async () => {
      const [row] = await dataSource.query(`select code, error from dead_letter where key = 'j'`);
      return row?.error === 'no such drawer';
    });
    expect(await filed('j')).toBe(0);
  });
});

describe('an error of the database in a handler', () => {
  it.each([
    ['is an attempt when the statement took too long', '57014', 'statement timeout'],
    ['is no attempt when the database shut down', '57P01', undefined],
  ])('%s', async (_, code, died) => {
    const id = `k${code}`;
    clerk.troubles.push(Object.assign(new Error('statement timeout'), { code, retriable: false }));
    await take(id);
    const letterOf = async () =>
      (await dataSource.query('select error from dead_letter where key = $1', [id]))[0]?.error;
    await eventually(
      async () => (await letterOf()) === died && (died !== undefined || isArchived(id)()),
    );
    expect(await filed(id)).toBe(died === undefined ? 1 : 0);
  });
});

describe('a data source of the application', () => {
  it('is neither closed with the modules, nor are its own migrations touched', async () => {
    await app.close();
    expect(dataSource.isInitialized).toBe(true);
    const tables = await dataSource.query(
      `select table_name from information_schema.tables where table_name in ('waybill_migration', 'migration', 'migrations')`,
    );
    expect(tables).toEqual([{ table_name: 'waybill_migration' }]);
    app = await start();
  });

  it('has an outbox to which only the relay writes, when that is said', async () => {
    await app.close();
    app = await start(true);
    const added = dataSource.transaction((manager) =>
      app.get(Outbox).add(manager, Noted({ id: 'k' })),
    );
    await expect(added).rejects.toThrow(/exclusive/);
  });
});
