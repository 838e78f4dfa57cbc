import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newId } from '@waybill/message';
import {
  type Batch,
  BatchConflict,
  type DeadRow,
  type DeferredRow,
  type Fence,
  type InboxRow,
  type OutboxRow,
  type StateTable,
} from '@waybill/messaging';
import type { Pool } from 'pg';
import { handledOf, pageKey } from './handled.ts';
import { outboxPartitionsMask } from './outbox-page.ts';
import { PgStore } from './pg-store.ts';
import { eventually } from './testing/eventually.ts';
import {
  accounts,
  batchOf,
  inboxRow,
  outboxRow,
  postings,
  purchase,
  purchases,
  purchaseWrite,
  type Stock,
  shop,
  stock,
} from './testing/orders.fixture.ts';
import { type TestDatabase, testDatabase } from './testing/test-database.ts';

let database: TestDatabase;
let store: PgStore;

beforeAll(async () => {
  database = await testDatabase(shop);
  store = new PgStore(database.pool, database.tables);
}, 60_000);
afterAll(() => database?.close());

const conflictOf = async (work: Promise<unknown>): Promise<BatchConflict> => {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(BatchConflict);
  return error as BatchConflict;
};

const stockWrite = (value: Stock, loaded: number) => ({
  table: stock as unknown as StateTable,
  id: value.sku,
  value,
  loaded,
  version: loaded + 1,
});

const deferredRow = (parts: Partial<DeferredRow> = {}): DeferredRow => ({
  group: 'shop',
  messageId: newId(),
  partition: 0,
  key: 'k',
  channel: 'shop.commands',
  body: '{}',
  attempt: 1,
  firstAt: '2026-01-02T03:04:05.678Z',
  dueAt: null,
  reason: 'behind',
  error: null,
  ...parts,
});

const deadRow = (parts: Partial<DeadRow> = {}): DeadRow => ({
  id: newId(),
  group: 'shop',
  messageId: newId(),
  partition: 0,
  key: 'k',
  type: 'shop.thing',
  channel: 'shop.commands',
  handler: null,
  body: '{}',
  attempts: 5,
  code: 'handler_failed',
  error: 'no',
  stack: null,
  firstAt: '2026-01-02T03:04:05.678Z',
  at: '2026-01-02T03:04:06.678Z',
  ...parts,
});

/** Connections whose writes wait for `wait`. */
function poolWhoseWritesWait(wait: () => Promise<void>): Pool {
  const connect = async () => {
    const client = await database.pool.connect();
    const query = client.query.bind(client) as (query: unknown) => Promise<unknown>;
    return Object.assign(Object.create(client), {
      query: async (text: unknown) => {
        if (typeof text === 'object')
          if (/commit_batch/.test((text as { text: string }).text)) await wait();
        return query(text);
      },
      release: (error?: Error) => client.release(error),
    });
  };
  return { connect } as unknown as Pool;
}

/** Writes a batch without committing it, and runs `attempt` on a store that does not wait for locks in the meantime. */
async function beforeTheCommitOf(batch: Batch, attempt: (impatient: PgStore) => Promise<unknown>) {
  const [writer, other] = [await database.pool.connect(), await database.pool.connect()];
  try {
    await writer.query('begin');
    await other.query('set lock_timeout = 50');
    const storeOn = (client: unknown) => new PgStore(client as Pool, database.tables);
    await storeOn(writer).commit(batch);
    return await attempt(storeOn(other));
  } finally {
    for (const client of [writer, other]) client.release(true);
  }
}

describe('states', () => {
  it('reads back every declared type as it was written', async () => {
    const value = purchase({ total: Number.MAX_SAFE_INTEGER });
    await store.commit(batchOf({ states: [purchaseWrite(value)] }));
    const ref = purchases.at(value.id) as never;
    const found = await store.load([ref]);
    expect(found.get(`purchase/${value.id}`)).toEqual({ value, version: 1 });
  });

  it('loads several tables in one call and leaves out rows that do not exist', async () => {
    const value = purchase();
    await store.commit(
      batchOf({ states: [purchaseWrite(value), stockWrite({ sku: 'TWO', available: 2 }, 0)] }),
    );
    const refs = [stock.at('TWO'), purchases.at(value.id), stock.at('NONE'), stock.at('TWO')];
    const found = await store.load(refs as never[]);
    expect([...found.keys()].sort()).toEqual([`purchase/${value.id}`, 'stock/TWO']);
  });

  it('names the states that moved on, and writes nothing', async () => {
    const value = purchase();
    await store.commit(batchOf({ states: [purchaseWrite(value)] }));
    const other = purchase();
    const batch = batchOf({
      inbox: [inboxRow({ key: 'lost' })],
      states: [purchaseWrite({ ...value, paid: true }, 7), purchaseWrite(other)],
    });
    const conflict = await conflictOf(store.commit(batch));
    expect(conflict.reason).toBe('version');
    expect(conflict.what).toEqual([`purchase/${value.id}`]);
    const left = await database.pool.query(`select from inbox where key = 'lost'`);
    expect(left.rowCount).toBe(0);
  });

  it('writes nothing that follows from a state which has moved on since it was looked at', async () => {
    const value = purchase();
    await store.commit(batchOf({ states: [purchaseWrite(value)] }));
    const seen = { table: purchases as unknown as StateTable, id: value.id };
    await store.commit(batchOf({ reads: [{ ...seen, version: 1 }], inbox: [inboxRow()] }));
    await store.commit(batchOf({ states: [purchaseWrite({ ...value, paid: true }, 1)] }));
    const late = batchOf({ reads: [{ ...seen, version: 1 }], inbox: [inboxRow({ key: 'late' })] });
    const conflict = await conflictOf(store.commit(late));
    expect([conflict.reason, conflict.what]).toEqual(['version', [`purchase/${value.id}`]]);
    const left = await database.pool.query(`select from inbox where key = 'late'`);
    expect(left.rowCount).toBe(0);
  });

  it('writes nothing that follows from the absence of a state which is there by now', async () => {
    const value = purchase();
    const table = purchases as unknown as StateTable;
    const absent = batchOf({ reads: [{ table, id: value.id, version: 0 }], inbox: [inboxRow()] });
    await store.commit(absent);
    await store.commit(batchOf({ states: [purchaseWrite(value)] }));
    const conflict = await conflictOf(store.commit({ ...absent, inbox: [inboxRow()] }));
    expect(conflict.what).toEqual([`purchase/${value.id}`]);
  });

  it('lets one of two writers win when each looked at what the other changes', async () => {
    const [one, two] = [purchase(), purchase()];
    await store.commit(batchOf({ states: [purchaseWrite(one), purchaseWrite(two)] }));
    const table = purchases as unknown as StateTable;
    const crossing = [
      [one, two],
      [two, one],
    ].map(([read, write]) =>
      store.commit(
        batchOf({
          reads: [{ table, id: (read as typeof one).id, version: 1 }],
          states: [purchaseWrite({ ...(write as typeof one), paid: true }, 1)],
        }),
      ),
    );
    const ends = await Promise.allSettled(crossing);
    expect(ends.filter(({ status }) => status === 'fulfilled').length).toBeLessThanOrEqual(1);
    for (const end of ends)
      if (end.status === 'rejected') expect(end.reason).toBeInstanceOf(BatchConflict);
  });

  it('lets nobody change what a batch has looked at before that is committed', async () => {
    const value = purchase();
    await store.commit(batchOf({ states: [purchaseWrite(value)] }));
    const table = purchases as unknown as StateTable;
    const looking = batchOf({ reads: [{ table, id: value.id, version: 1 }], inbox: [inboxRow()] });
    const change = batchOf({ states: [purchaseWrite({ ...value, paid: true }, 1)] });
    await beforeTheCommitOf(looking, async (impatient) => {
      expect((await conflictOf(impatient.commit(change))).reason).toBe('serialization');
    });
  });

  it('writes columns that hardly ever change whenever one of them has', async () => {
    const before = purchase();
    await store.commit(batchOf({ states: [purchaseWrite(before)] }));
    const after = { ...before, status: 'paid', lines: [{ sku: 'MUG', quantity: 2 }] };
    const write = { ...purchaseWrite(after, 1), before };
    await store.commit(batchOf({ states: [write] }));
    const last = { ...after, status: 'sent' };
    await store.commit(batchOf({ states: [{ ...purchaseWrite(last, 2), before: after }] }));
    const ref = purchases.at(before.id) as never;
    expect((await store.load([ref])).get(`purchase/${before.id}`)).toEqual({
      value: last,
      version: 3,
    });
    const late = store.commit(batchOf({ states: [{ ...purchaseWrite(last, 2), before: after }] }));
    expect((await conflictOf(late)).what).toEqual([`purchase/${before.id}`]);
  });

  it('names a state that somebody else created meanwhile', async () => {
    const value = purchase();
    await store.commit(batchOf({ states: [purchaseWrite(value)] }));
    const conflict = await conflictOf(store.commit(batchOf({ states: [purchaseWrite(value)] })));
    expect(conflict.what).toEqual([`purchase/${value.id}`]);
  });

  it('refuses a batch for a table that the service does not declare', async () => {
    const bare = new PgStore(database.pool, []);
    await expect(bare.commit(batchOf({ states: [purchaseWrite(purchase())] }))).rejects.toThrow(
      'declares no table',
    );
  });
});

describe('the inbox', () => {
  it('names the messages that it has seen', async () => {
    const [seen, fresh] = [inboxRow(), inboxRow()];
    await store.commit(batchOf({ inbox: [seen] }));
    const conflict = await conflictOf(store.commit(batchOf({ inbox: [fresh, seen] })));
    expect(conflict.reason).toBe('seen');
    expect(conflict.what).toEqual([`shop/${seen.messageId}`]);
    const elsewhere = { ...fresh, group: 'other' };
    await store.commit(batchOf({ inbox: [elsewhere] }));
    const again = await conflictOf(store.commit(batchOf({ inbox: [fresh, seen] })));
    expect(again.what).toEqual([`shop/${seen.messageId}`]);
  });

  it('names a message that is in the batch twice', async () => {
    const row = inboxRow();
    const conflict = await conflictOf(store.commit(batchOf({ inbox: [row, row] })));
    expect(conflict.what).toEqual([`shop/${row.messageId}`]);
  });

  it('changes the outcome of a message that it knows', async () => {
    const row = inboxRow({ outcome: 'parked' });
    await store.commit(batchOf({ inbox: [row] }));
    const at = '2026-01-03T00:00:00.000Z';
    const end = { first: false, outcome: 'dead', attempt: 5, at, durationMs: 70 } as const;
    await store.commit(batchOf({ inbox: [{ ...row, ...end }] }));
    const { rows } = await database.pool.query(
      'select outcome, attempt, at, duration_ms from inbox where message_id = $1',
      [row.messageId],
    );
    expect(rows).toEqual([{ outcome: 'dead', attempt: 5, at: new Date(at), duration_ms: 70 }]);
  });

  it('brings a deferred message to its end once, and names the one that has come to it', async () => {
    const [ended, waits] = [inboxRow({ outcome: 'parked' }), inboxRow({ outcome: 'parked' })];
    const elsewhere = { ...waits, group: 'other', outcome: 'applied' as const };
    await store.commit(batchOf({ inbox: [ended, waits, elsewhere] }));
    const applied = [ended, waits].map(
      (row) => ({ ...row, first: false, outcome: 'applied' }) as const,
    );
    await store.commit(batchOf({ inbox: applied.slice(0, 1) }));
    const again = batchOf({ inbox: applied, states: [purchaseWrite(purchase())] });
    const conflict = await conflictOf(store.commit(again));
    expect([conflict.reason, conflict.what]).toEqual(['seen', [`shop/${ended.messageId}`]]);
  });

  it('keeps the same message apart by group', async () => {
    const row = inboxRow();
    await store.commit(batchOf({ inbox: [row, { ...row, group: 'other' }] }));
  });
});

describe('what was handled', () => {
  const told = async (key: string) =>
    (
      await database.pool.query(
        `select group_name, message_id, key, type, source, correlation_id, causation_id, channel, broker, attempt, outcome, at,
          duration_ms, notes from (${handledOf('$1', '$2')}) handled`,
        [[key], [pageKey(key)]],
      )
    ).rows;
  const shown = ({ first: _, notes, ...row }: InboxRow) => ({
    group_name: row.group,
    message_id: row.messageId,
    key: row.key,
    type: row.type,
    source: row.source,
    correlation_id: row.correlationId,
    causation_id: row.causationId,
    channel: row.channel,
    broker: row.broker,
    attempt: row.attempt,
    outcome: row.outcome,
    at: new Date(row.at),
    duration_ms: row.durationMs,
    notes: notes ?? null,
  });

  it('is told of a key whole, from any page, and of no other key', async () => {
    const key = newId();
    const first = inboxRow({
      key,
      causationId: newId(),
      attempt: 3,
      notes: [['a', null], { b: 1 }],
    });
    const second = inboxRow({ key, correlationId: key, group: 'other', type: 'another' });
    await store.commit(batchOf({ inbox: [inboxRow({ key: newId() }), first] }));
    await store.commit(batchOf({ inbox: [second, inboxRow({ key: newId() })] }));
    expect(await told(key)).toEqual([shown(first), shown(second)]);
  });

  it('is told of a message once, whatever it went through', async () => {
    const row = inboxRow({ outcome: 'parked', key: newId() });
    await store.commit(batchOf({ inbox: [row] }));
    expect(await told(row.key)).toEqual([shown(row)]);
    const applied = { ...row, first: false, outcome: 'applied', attempt: 2 } as const;
    await store.commit(batchOf({ inbox: [applied] }));
    expect(await told(row.key)).toEqual([shown(applied)]);
    const dead = inboxRow({ outcome: 'dead', key: row.key });
    await store.commit(batchOf({ inbox: [dead] }));
    expect(await told(row.key)).toEqual([shown(dead), shown(applied)]);
  });

  it('is not told when its batch was refused', async () => {
    const [seen, late] = [inboxRow(), inboxRow({ key: newId() })];
    await store.commit(batchOf({ inbox: [seen] }));
    await conflictOf(store.commit(batchOf({ inbox: [late, seen] })));
    expect(await told(late.key)).toEqual([]);
  });

  it('has a page that anything can be in', async () => {
    const odd = inboxRow({ key: '"\\\0\ud800', type: "it's", notes: ['\0'], causationId: '{}' });
    await store.commit(batchOf({ inbox: [odd] }));
    const { rows } = await database.pool.query(
      'select key, type, causation_id, notes from handled where message_id = $1',
      [odd.messageId],
    );
    expect(rows).toEqual([
      { key: '"\\\ufffd\ufffd', type: "it's", causation_id: '{}', notes: ['\ufffd'] },
    ]);
  });
});

describe('fences', () => {
  it('lets the owner write and refuses the zombie before it', async () => {
    const [old] = await store.own('fenced', [3]);
    await store.commit(batchOf({ fences: [old as never], inbox: [inboxRow()] }));
    const [fresh] = await store.own('fenced', [3]);
    expect(fresh?.epoch).toBe((old?.epoch ?? 0) + 1);
    const conflict = await conflictOf(
      store.commit(batchOf({ fences: [old as never], inbox: [inboxRow()] })),
    );
    expect(conflict).toMatchObject({ reason: 'fence', what: ['fenced/3'] });
    await store.commit(batchOf({ fences: [fresh as never], inbox: [inboxRow()] }));
  });

  it('hold each for its own group and partition, and the lost one is named alone', async () => {
    await store.own('one', [1]);
    const [ours] = (await store.own('one', [1])) as [Fence];
    const [partition] = (await store.own('one', [2])) as [Fence];
    const [group] = (await store.own('two', [1])) as [Fence];
    expect([ours.epoch, partition.epoch, group.epoch]).toEqual([2, 1, 1]);
    for (const other of [partition, group]) {
      const fences = [ours, { ...other, epoch: ours.epoch }];
      const conflict = await conflictOf(store.commit(batchOf({ fences, inbox: [inboxRow()] })));
      expect(conflict.what).toEqual([`${other.group}/${other.partition}`]);
    }
  });

  it('refuse what was sent before they were renewed, and are renewed for their owner alone', async () => {
    const old = await store.own('renewed', [0, 1]);
    const renewed = await store.renew(old);
    const byPartition = [...renewed].sort((one, other) => one.partition - other.partition);
    expect(byPartition).toEqual(old.map((fence) => ({ ...fence, epoch: fence.epoch + 1 })));
    const late = await conflictOf(store.commit(batchOf({ fences: old, inbox: [inboxRow()] })));
    expect([late.reason, [...late.what].sort()]).toEqual(['fence', ['renewed/0', 'renewed/1']]);
    await store.commit(batchOf({ fences: renewed, inbox: [inboxRow()] }));
    const [taken] = await store.own('renewed', [0]);
    const partitions = (await store.renew(renewed)).map(({ partition }) => partition);
    expect(partitions).toEqual([1]);
    await store.commit(batchOf({ fences: [taken as Fence], inbox: [inboxRow()] }));
  });

  it('let no new owner in before the batch of the old one is committed', async () => {
    const fences = await store.own('handed', [0]);
    await beforeTheCommitOf(batchOf({ fences, inbox: [inboxRow()] }), async (impatient) => {
      await expect(impatient.own('handed', [0])).rejects.toMatchObject({ code: '55P03' });
    });
  });
});

describe('the outbox', () => {
  const dueAt = '2999-01-01T00:00:00.000Z';
  /** The waiting messages with these numbers, in pages or not. */
  const waiting = async (seqs: readonly number[]) =>
    (
      await database.pool.query(
        `select seq::integer, broker, lane, channel, key, body from outbox_message where seq = any($1)
        union all select seq::integer, broker, lane, channel, key, body from outbox where seq = any($1) order by seq`,
        [seqs],
      )
    ).rows;
  const shown = (rows: readonly OutboxRow[], seqs: readonly number[]) =>
    rows
      .map(({ broker, outboxPartition, channel, key, body }, i) => ({
        seq: seqs[i],
        ...{ broker, lane: outboxPartition, channel, key, body },
      }))
      .sort((a, b) => (a.seq ?? 0) - (b.seq ?? 0));

  it('answers the number of each message, ascending in an outbox partition, and deletes confirmed pages', async () => {
    const rows = Array.from({ length: 20 }, () => outboxRow());
    const { outboxSeqs } = await store.commit(batchOf({ outbox: rows }));
    expect(outboxSeqs).toEqual([...outboxSeqs].sort((a, b) => a - b));
    expect(await waiting(outboxSeqs)).toEqual(shown(rows, outboxSeqs));
    const [first = 0, last = 0] = [outboxSeqs[0], outboxSeqs.at(-1)];
    await store.commit(batchOf({ confirmed: [{ first, last }] }));
    expect(await waiting(outboxSeqs)).toEqual([]);
  });

  it('keeps what it publishes itself in a page a broker, what others publish or comes later in rows', async () => {
    const bodies = ['Größe', '😀', 'plain', '"\\u0000\\'];
    const rows = [
      ...bodies.map((body, i) =>
        outboxRow({ body, outboxPartition: [0, 31, 32, 63][i] ?? 0, key: body }),
      ),
      outboxRow({ broker: 'kafka', channel: 'elsewhere' }),
      outboxRow({ own: false, body: 'theirs "quoted" \\u0000', outboxPartition: 7 }),
      outboxRow({ dueAt, broker: 'later' }),
      outboxRow({ channel: 'last', key: 'k' }),
    ];
    const { outboxSeqs } = await store.commit(batchOf({ outbox: rows }));
    expect(await waiting(outboxSeqs)).toEqual(shown(rows, outboxSeqs));
    const { rows: pages } = await database.pool.query(
      'select broker, lanes::text, cardinality(seqs) as n from outbox_page where seqs && $1 order by broker',
      [outboxSeqs],
    );
    expect(pages).toEqual([
      { broker: 'embedded', lanes: String(outboxPartitionsMask([0, 31, 32, 63])), n: 5 },
      { broker: 'kafka', lanes: '1', n: 1 },
    ]);
    const { rows: later } = await database.pool.query('select due_at from outbox where seq = $1', [
      outboxSeqs[6],
    ]);
    expect(later).toEqual([{ due_at: new Date(dueAt) }]);
  });

  it('makes rows of pages with the same numbers, once, and then deletes these when the page is confirmed', async () => {
    const rows = Array.from({ length: 9 }, (_, outboxPartition) =>
      outboxRow({ outboxPartition, key: `k${outboxPartition}` }),
    );
    const { outboxSeqs } = await store.commit(batchOf({ outbox: rows }));
    const other = await store.commit(batchOf({ outbox: [outboxRow()] }));
    const unpack = () =>
      database.pool.query('select outbox_unpack($1)', [[outboxSeqs[0], outboxSeqs[0]]]);
    await Promise.all([unpack(), unpack(), unpack()]);
    const { rows: single } = await database.pool.query<{ seq: number; id: string }>(
      'select seq::integer, id from outbox where seq = any($1) order by seq',
      [outboxSeqs],
    );
    expect(single).toEqual(rows.map(({ id }, i) => ({ seq: outboxSeqs[i], id })));
    const [first = 0, last = 0] = [outboxSeqs[0], outboxSeqs.at(-1)];
    await store.commit(batchOf({ confirmed: [{ first, last }] }));
    expect(await waiting([...outboxSeqs, ...other.outboxSeqs])).toHaveLength(1);
  });

  it('gives every page numbers of its own, however many processes commit at once', async () => {
    const all = await Promise.all(
      Array.from({ length: 8 }, () =>
        store.commit(batchOf({ outbox: Array.from({ length: 50 }, () => outboxRow()) })),
      ),
    );
    const seqs = all.flatMap(({ outboxSeqs }) => outboxSeqs);
    expect(new Set(seqs).size).toBe(400);
    for (const { outboxSeqs } of all)
      expect(outboxSeqs).toEqual([...outboxSeqs].sort((a, b) => a - b));
  });
});

describe('streams', () => {
  const book = (id: string, loaded: number, amounts: readonly number[]) =>
    batchOf({
      states: [
        {
          table: accounts as unknown as StateTable,
          id,
          value: { id, balance: amounts.reduce((sum, amount) => sum + amount, 0) },
          loaded,
          version: loaded + amounts.length,
        },
      ],
      events: amounts.map((amount, i) => ({
        table: accounts as unknown as StateTable,
        streamId: id,
        version: loaded + i + 1,
        event: { type: 'booked', data: { amount } },
        at: '2026-01-02T03:04:05.678Z',
        messageId: newId(),
      })),
    });

  it('numbers events without gaps when many commit at once', async () => {
    const ids = Array.from({ length: 40 }, (_, i) => `account-${i}`);
    await Promise.all(ids.map((id) => store.commit(book(id, 0, [1, 2, 3]))));
    const { rows } = await database.pool.query(
      'select position, stream_id, version from account_event order by position',
    );
    expect(rows.map(({ position }) => Number(position))).toEqual(
      Array.from({ length: 120 }, (_, i) => i + 1),
    );
    for (const id of ids) {
      const own = rows.filter(({ stream_id }) => stream_id === id);
      expect(own.map(({ version }) => Number(version))).toEqual([1, 2, 3]);
    }
  });

  it('gives the numbers of a failed commit to the next one', async () => {
    await conflictOf(store.commit(book('account-0', 0, [1])));
    await store.commit(book('account-x', 0, [1]));
    const { rows } = await database.pool.query(
      'select count(*)::int n, max(position)::int last from account_event',
    );
    expect(rows[0].n).toBe(rows[0].last);
  });
});

describe('shared rows', () => {
  it('never sells more than there is, however many sell at once', async () => {
    await store.commit(batchOf({ states: [stockWrite({ sku: 'HOT', available: 30 }, 0)] }));
    const sell = () =>
      store
        .commitLocked([stock.at('HOT') as never], (locked) => {
          const { value, version } = locked.get('stock/HOT') as never as {
            value: Stock;
            version: number;
          };
          if (value.available === 0) throw new Error('sold out');
          const next = { ...value, available: value.available - 1 };
          return batchOf({ inbox: [inboxRow()], states: [stockWrite(next, version)] });
        })
        .then(
          () => true,
          () => false,
        );
    const results = await Promise.all(Array.from({ length: 50 }, sell));
    expect(results.filter(Boolean)).toHaveLength(30);
  });

  it('are free again soon when the process that has locked them stands still', async () => {
    await store.commit(batchOf({ states: [stockWrite({ sku: 'COLD', available: 9 }, 0)] }));
    const take = (locked: ReadonlyMap<string, { readonly version: number }>) =>
      batchOf({
        states: [stockWrite({ sku: 'COLD', available: 8 }, locked.get('stock/COLD')?.version ?? 0)],
      });
    const ref = stock.at('COLD') as never;
    let thaw = (): void => {};
    let frozen = (): void => {};
    const isFrozen = new Promise<void>((resolve) => {
      frozen = resolve;
    });
    const zombie = new PgStore(
      poolWhoseWritesWait(() => {
        frozen();
        return new Promise((resolve) => {
          thaw = resolve;
        });
      }),
      database.tables,
    );
    const stale = zombie.commitLocked([ref], take).catch((error: unknown) => error);
    await isFrozen;
    await store.commitLocked([ref], take);
    thaw();
    expect(store.failure(await stale)).toBe('unavailable');
    expect((await store.load([ref])).get('stock/COLD')?.version).toBe(2);
  });

  it('are locked by table and id, in whatever order they are stored and named', async () => {
    const order = purchase();
    await store.commit(batchOf({ states: [stockWrite({ sku: 'LOCK-2', available: 1 }, 0)] }));
    await store.commit(
      batchOf({ states: [stockWrite({ sku: 'LOCK-1', available: 1 }, 0), purchaseWrite(order)] }),
    );
    const refs = [stock.at('LOCK-2'), stock.at('LOCK-1'), purchases.at(order.id)] as never[];
    for (const [first, later] of [
      [`purchase where id = '${order.id}'`, `stock where sku = 'LOCK-1'`],
      [`stock where sku = 'LOCK-1'`, `stock where sku = 'LOCK-2'`],
    ]) {
      const holder = await database.pool.connect();
      await holder.query('begin');
      await holder.query(`select from ${first} for update`);
      const waiting = store.commitLocked(refs, () => batchOf({ inbox: [inboxRow()] }));
      await eventually(async () => {
        const { rowCount } = await database.pool.query(`select from pg_stat_activity
          where datname = current_database() and wait_event_type = 'Lock'`);
        return rowCount === 1;
      });
      const free = await database.pool.query(`select from ${later} for update skip locked`);
      expect(free.rowCount).toBe(1);
      await holder.query('commit');
      holder.release();
      await waiting;
    }
  });

  it('takes locks in one order, so that batches with the same rows never deadlock', async () => {
    const skus = ['A', 'B', 'C', 'D'];
    await store.commit(
      batchOf({ states: skus.map((sku) => stockWrite({ sku, available: 100 }, 0)) }),
    );
    const touch = (order: readonly string[]) =>
      store.commitLocked(order.map((sku) => stock.at(sku)) as never[], (locked) =>
        batchOf({
          states: order.map((sku) => {
            const { value, version } = locked.get(`stock/${sku}`) as never as {
              value: Stock;
              version: number;
            };
            return stockWrite({ ...value, available: value.available - 1 }, version);
          }),
        }),
      );
    await Promise.all(
      Array.from({ length: 40 }, (_, i) => touch(i % 2 === 0 ? skus : [...skus].reverse())),
    );
    const found = await store.load(skus.map((sku) => stock.at(sku)) as never[]);
    expect([...found.values()].map(({ value }) => (value as Stock).available)).toEqual([
      60, 60, 60, 60,
    ]);
  });
});

describe('whose failure it is', () => {
  const failureOf = (parts: Parameters<typeof batchOf>[0]) =>
    store.commit(batchOf(parts)).then(
      () => 'none',
      (error: unknown) => store.failure(error),
    );

  it('blames the data for a broken check, a wrong value and a broken unique key', async () => {
    const value = purchase();
    const entry = { table: postings, row: { purchaseId: value.id, amount: 1 } } as never;
    expect(await failureOf({ states: [purchaseWrite(purchase({ total: -1 }))] })).toBe('data');
    expect(await failureOf({ states: [purchaseWrite(purchase({ placedAt: 'never' }))] })).toBe(
      'data',
    );
    expect(await failureOf({ states: [purchaseWrite(purchase({ status: 'a\0b' }))] })).toBe('data');
    expect(await failureOf({ states: [purchaseWrite(purchase({ status: '\ud800' }))] })).toBe(
      'data',
    );
    expect(await failureOf({ entries: [entry, entry] })).toBe('data');
  });

  it('blames nobody for a connection that breaks, and goes on with the next', async () => {
    const broken = store.commitLocked([stock.at('HOT') as never], () => {
      throw Object.assign(new Error('gone'), { code: '57P01' });
    });
    expect(await broken.catch((error: unknown) => store.failure(error))).toBe('unavailable');
    const cut = database.pool.query('select pg_terminate_backend(pg_backend_pid())');
    expect(await cut.catch((error: unknown) => store.failure(error))).toBe('unavailable');
    await store.commit(batchOf({ inbox: [inboxRow()] }));
  });
});

describe('deferred messages', () => {
  it('finds heads that are due, never held or asking ones, and keeps the order of a key', async () => {
    const past = '2026-01-01T00:00:00.000Z';
    const future = '2999-01-01T00:00:00.000Z';
    const rows = [
      deferredRow({ key: 'due', reason: 'retry', dueAt: past }),
      deferredRow({ key: 'due' }),
      deferredRow({ key: 'later', reason: 'retry', dueAt: future }),
      deferredRow({ key: 'later' }),
      deferredRow({ key: 'held', reason: 'held' }),
      deferredRow({ key: 'freed' }),
      deferredRow({ key: 'asking', reason: 'asking' }),
      deferredRow({ key: 'elsewhere', partition: 9, reason: 'retry', dueAt: past }),
    ];
    const ofOthers = ['due', 'later', 'alone'].map((key) => deferredRow({ group: 'other', key }));
    await store.commit(batchOf({ defer: [...ofOthers, ...rows] }));
    const due = await store.due('shop', [0, 1], 10);
    expect(due.map(({ key }) => key).sort()).toEqual(['due', 'freed']);
    expect(due.find(({ key }) => key === 'due')).toEqual(rows[0]);
    const keys = await store.deferredKeys('shop', [0]);
    expect(Object.fromEntries(keys)).toEqual({
      'shop/due': 2,
      'shop/later': 2,
      'shop/held': 1,
      'shop/freed': 1,
      'shop/asking': 1,
    });
    expect(await store.deferredOf('shop', 'due', 10)).toEqual(rows.slice(0, 2));
    expect(await store.deferredOf('shop', 'due', 1)).toEqual(rows.slice(0, 1));
    await store.commit(
      batchOf({ undefer: [{ group: 'shop', messageId: rows[0]?.messageId ?? '' }] }),
    );
    expect(await store.deferredOf('shop', 'due', 10)).toEqual(rows.slice(1, 2));
  });

  it('leaves a group only by itself, although another one has deferred the same message', async () => {
    const [ours, theirs] = [deferredRow({ group: 'ours' }), deferredRow({ group: 'theirs' })];
    const same = { ...theirs, messageId: ours.messageId };
    await store.commit(batchOf({ defer: [ours, same] }));
    await store.commit(batchOf({ undefer: [{ group: 'ours', messageId: ours.messageId }] }));
    expect(await store.deferredOf('ours', 'k', 10)).toEqual([]);
    expect(await store.deferredOf('theirs', 'k', 10)).toEqual([same]);
  });

  it('keeps the place, the bytes and the first sight of a message that is deferred again', async () => {
    const [first, second] = [deferredRow({ key: 'again' }), deferredRow({ key: 'again' })];
    await store.commit(batchOf({ defer: [first, second] }));
    const dueAt = '2026-01-05T00:00:00.000Z';
    const how = { partition: 1, attempt: 4, reason: 'retry', dueAt, error: 'not yet' } as const;
    const firstAt = '2026-01-04T00:00:00.000Z';
    await store.commit(batchOf({ defer: [{ ...first, ...how, firstAt }] }));
    expect(await store.deferredOf('shop', 'again', 10)).toEqual([{ ...first, ...how }, second]);
  });

  it('makes the asking messages of its own partitions due for a new owner, and no others', async () => {
    const defer = [
      deferredRow({ key: 'asked', partition: 5, reason: 'asking' }),
      deferredRow({ key: 'there', partition: 6, reason: 'asking' }),
      deferredRow({ key: 'their', partition: 5, reason: 'asking', group: 'other' }),
      deferredRow({
        key: 'retry',
        partition: 5,
        reason: 'retry',
        dueAt: '2999-01-01T00:00:00.000Z',
      }),
      deferredRow({ key: 'kept', partition: 5, reason: 'held' }),
    ];
    await store.commit(batchOf({ defer }));
    await store.own('shop', [5]);
    const dueOf = async (group: string, partition: number) =>
      (await store.due(group, [partition], 10)).map(({ key, reason }) => [key, reason]);
    expect(await dueOf('shop', 5)).toEqual([['asked', 'retry']]);
    expect([await dueOf('shop', 6), await dueOf('other', 5)]).toEqual([[], []]);
    const [asked] = await store.deferredOf('shop', 'asked', 1);
    expect(asked?.dueAt).not.toBeNull();
  });

  it('takes redriven messages of a key together, up to the first that others wait behind', async () => {
    const now = '2026-01-01T00:00:00.000Z';
    const rowsOf = (key: string, ...reasons: readonly DeferredRow['reason'][]) =>
      reasons.map((reason) => deferredRow({ group: 'redriven', key, reason, dueAt: now }));
    const alone = rowsOf('alone', 'redriven', 'redriven');
    const mixed = rowsOf('mixed', 'redriven', 'retry', 'redriven');
    const last = rowsOf('last', 'retry', 'redriven');
    await store.commit(batchOf({ defer: [...alone, ...mixed, ...last] }));
    const due = await store.due('redriven', [0], 10);
    expect(due.map(({ messageId }) => messageId)).toEqual(
      [...alone, mixed[0], last[0]].map((row) => row?.messageId),
    );
    const keys = await store.deferredKeys('redriven', [0]);
    expect(Object.fromEntries(keys)).toEqual({ 'redriven/mixed': 1, 'redriven/last': 1 });
  });

  it('gives the longest due first, and no more than is asked for', async () => {
    const at = (day: number) => `2026-01-0${day}T00:00:00.000Z`;
    const defer = [at(3), at(1), null, at(2)].map((dueAt, i) =>
      deferredRow({ group: 'queue', key: `k${i}`, reason: 'retry', dueAt }),
    );
    await store.commit(batchOf({ defer }));
    const keysOf = async (limit: number) =>
      (await store.due('queue', [0], limit)).map(({ key }) => key);
    expect(await keysOf(10)).toEqual(['k2', 'k1', 'k3', 'k0']);
    expect(await keysOf(2)).toEqual(['k2', 'k1']);
  });

  it('is due by the clock of the database', async () => {
    const dueAt = new Date(Date.now() + 60_000).toISOString();
    await store.commit(
      batchOf({ defer: [deferredRow({ group: 'clock', reason: 'retry', dueAt })] }),
    );
    expect(await store.due('clock', [0], 10)).toEqual([]);
    await database.shiftClock(120_000);
    expect(await store.due('clock', [0], 10)).toHaveLength(1);
    await database.shiftClock(0);
  });
});

describe('what strangers send', () => {
  it('can be dead-lettered whatever its characters and the length of its key are', async () => {
    const body = 'bytes\0\ud800';
    const dead = deadRow({ body, key: 'x'.repeat(10_000), error: 'a\0b' });
    const inbox = inboxRow({ outcome: 'dead', key: `\0${'x'.repeat(10_000)}` });
    await store.commit(batchOf({ deadLetter: [dead], inbox: [inbox] }));
    const { rows } = await database.pool.query(
      'select body, body_escaped, error from dead_letter where id = $1',
      [dead.id],
    );
    expect(rows[0].error).toBe('a\ufffdb');
    expect(rows[0].body_escaped).toBe(true);
    expect(JSON.parse(rows[0].body)).toBe(body);
  });

  it('can be deferred whatever the error quotes that it met', async () => {
    const row = deferredRow({ group: 'strange', reason: 'retry', error: 'a\0b\ud800' });
    await store.commit(batchOf({ defer: [row] }));
    const [deferred] = await store.deferredOf('strange', 'k', 1);
    expect(deferred?.error).toBe('a\ufffdb\ufffd');
  });
});

it('refuses to start on a database that lacks its function', async () => {
  expect(await store.missing()).toEqual([]);
  const other = new PgStore(database.pool, []);
  const missing = expect.stringContaining('migrate it with this release first');
  expect(await other.missing()).toEqual([missing]);
});
