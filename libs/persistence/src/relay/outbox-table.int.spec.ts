import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { OutboxRow } from '@waybill/messaging';
import { Pool } from 'pg';
import { PgStore } from '../pg-store.ts';
import { batchOf, outboxRow, shop } from '../testing/orders.fixture.ts';
import { type TestDatabase, testDatabase } from '../testing/test-database.ts';
import { OutboxPartition } from './outbox-partition.ts';
import { OutboxTable } from './outbox-table.ts';

let database: TestDatabase;
let store: PgStore;
let table: OutboxTable;
let held: readonly number[] = [];

beforeAll(async () => {
  database = await testDatabase(shop);
  store = new PgStore(database.pool, database.tables);
  table = new OutboxTable(database.pool, 'us', false, () => held);
}, 60_000);
afterAll(() => database?.close());
beforeEach(async () => {
  await database.pool.query('truncate outbox, outbox_page, relay_lane, relay_owner');
  for (const owner of ['us', 'they'])
    await database.pool.query(
      `insert into relay_owner values ($1, waybill_now() + interval '1 hour')`,
      [owner],
    );
  for (const [broker, outboxPartition, owner] of [
    ['embedded', 0, 'us'],
    ['embedded', 1, 'us'],
    ['embedded', 2, 'they'],
    ['kafka', 0, 'us'],
  ])
    await database.pool.query('insert into relay_lane values ($1, $2, $3)', [
      broker,
      outboxPartition,
      owner,
    ]);
});

const future = '2999-01-01T00:00:00.000Z';
const past = '2026-01-01T00:00:00.000Z';
const outboxPartitionOf = (outboxPartition: number, broker = 'embedded') =>
  new OutboxPartition(broker, outboxPartition);
async function commit(...rows: readonly Partial<OutboxRow>[]): Promise<readonly number[]> {
  return (
    await store.commit(
      batchOf({ outbox: rows.map((parts) => outboxRow({ own: false, ...parts })) }),
    )
  ).outboxSeqs;
}
const seqsOf = (found: readonly { readonly row: { readonly seq: number } | null }[]) =>
  found.map(({ row }) => row?.seq);
const leaseRunsOut = () =>
  database.pool.query(`update relay_owner set expires_at = waybill_now() where owner = 'us'`);

describe('the rows of outbox partitions', () => {
  it('are those that they do not know and that are due, in order, no more than are asked for', async () => {
    const [one, known, , due, four] = await commit(
      { outboxPartition: 0 },
      { outboxPartition: 1 },
      { outboxPartition: 1, dueAt: future },
      { outboxPartition: 1, dueAt: past },
      { outboxPartition: 0 },
    );
    const outboxPartitions = [outboxPartitionOf(1), outboxPartitionOf(0)];
    outboxPartitions[0]?.known.add(known as number);
    expect(seqsOf(await table.read(outboxPartitions, 10))).toEqual([one, due, four]);
    expect(seqsOf(await table.read(outboxPartitions, 2))).toEqual([one, due]);
  });

  it('are of these outbox partitions of their broker alone, and of none that another process owns', async () => {
    const [ours] = await commit(
      { outboxPartition: 0 },
      { outboxPartition: 1 },
      { outboxPartition: 0, broker: 'kafka' },
      { outboxPartition: 2 },
    );
    const found = await table.read([outboxPartitionOf(0), outboxPartitionOf(2)], 10);
    expect(found).toMatchObject([{ broker: 'embedded', row: { seq: ours, outboxPartition: 0 } }]);
    const both = await table.read(
      [outboxPartitionOf(0), outboxPartitionOf(0, 'kafka'), outboxPartitionOf(1, 'kafka')],
      10,
    );
    expect(both.map(({ broker }) => broker)).toEqual(['embedded', 'kafka']);
  });

  it('are none when the lease has run out, unless there can be no other process', async () => {
    await commit({ outboxPartition: 0 });
    await leaseRunsOut();
    expect(await table.read([outboxPartitionOf(0)], 10)).toEqual([]);
    const pool = new Pool({ connectionString: database.url });
    expect(
      await new OutboxTable(pool, 'us', true, () => []).read([outboxPartitionOf(0)], 10),
    ).toHaveLength(1);
    await pool.end();
  });
});

describe('pages', () => {
  beforeEach(() => {
    held = [];
  });
  const pages = async () => (await database.pool.query('select from outbox_page')).rowCount;

  it('are read with the rows of their outbox partitions, unless they are published from memory', async () => {
    const [first = 0, second] = await commit(
      { outboxPartition: 0, own: true },
      { outboxPartition: 40, own: true },
    );
    const [third] = await commit({ outboxPartition: 0, own: true });
    await commit({ outboxPartition: 0, own: true, broker: 'kafka' });
    expect(await table.read([outboxPartitionOf(1)], 10)).toEqual([]);
    held = [first];
    expect(seqsOf(await table.read([outboxPartitionOf(0)], 10))).toEqual([third]);
    held = [];
    expect(seqsOf(await table.read([outboxPartitionOf(0)], 10))).toEqual([first, third]);
    expect(await pages()).toBe(3);
    const { rows } = await table.others(first, [], 10, [outboxPartitionOf(1)]);
    expect(rows).toMatchObject([{ seq: second }, { seq: third }, { broker: 'kafka' }]);
    expect((await table.others(first - 1, [], 1, [outboxPartitionOf(40)])).rows).toMatchObject([
      { seq: first },
    ]);
    expect((await table.others(first - 1, [first], 1, [outboxPartitionOf(40)])).rows).toMatchObject(
      [{ seq: second }],
    );
  });

  it('are left out also when somebody made rows of them, and take no place of others', async () => {
    const [first = 0] = await commit({ own: true }, { own: true }, { own: true });
    const [next] = await commit({});
    await table.unpackPages([first]);
    held = [first];
    expect(seqsOf(await table.read([outboxPartitionOf(0)], 2))).toEqual([next]);
    await database.pool.query(`update outbox set at = at - interval '1 minute'`);
    expect(seqsOf((await table.overdue([outboxPartitionOf(0)], 30_000)).found)).toEqual([next]);
  });

  it('of other processes are seen as their rows, where their outbox partitions are ours', async () => {
    const [ours] = await commit({ outboxPartition: 0, own: true });
    await commit({ outboxPartition: 2, own: true });
    const { rows } = await table.others((ours as number) - 1, [], 10, [outboxPartitionOf(0)]);
    expect(rows.map(({ seq, row }) => [seq, row?.seq])).toEqual([[ours, ours]]);
  });

  it('of outbox partitions that became ours since it was asked are seen, too', async () => {
    const [seq = 0] = await commit({ outboxPartition: 0, own: true });
    expect((await table.others(seq - 1, [], 10, [])).rows).toMatchObject([{ seq, row: { seq } }]);
  });

  it('are overdue when nobody has published them for long', async () => {
    const [old] = await commit({ outboxPartition: 0, own: true });
    const [kept = 0] = await commit({ outboxPartition: 0, own: true });
    held = [kept];
    expect(seqsOf((await table.overdue([outboxPartitionOf(0)], 30_000)).found)).toEqual([]);
    await database.pool.query(`update outbox_page set at = at - interval '1 minute'`);
    expect(seqsOf((await table.overdue([outboxPartitionOf(0)], 30_000)).found)).toEqual([old]);
  });

  it('count as what waits', async () => {
    await commit({ own: true }, { own: true }, {}, { own: true, broker: 'kafka' });
    expect(await table.lag()).toMatchObject([
      { broker: 'embedded', waiting: 3 },
      { broker: 'kafka', waiting: 1 },
    ]);
    expect(await table.brokers()).toEqual(['embedded', 'kafka']);
  });

  it('go when they are confirmed, and so do the rows that were made of them', async () => {
    const one = await commit({ own: true }, { own: true });
    const two = await commit({ own: true, outboxPartition: 1 });
    const rest = await commit({ own: true, outboxPartition: 2 });
    await table.unpackPages([one[0] as number]);
    const [first = 0, last = 0, other = 0] = [...one, ...two];
    await table.deletePages([
      { first, last },
      { first: other, last: other },
    ]);
    expect(await table.lag()).toMatchObject([{ waiting: rest.length }]);
  });
});

describe('overdue rows', () => {
  it('are those that fell due, or were committed long ago and are known to nobody', async () => {
    const [old, known, due] = await commit(
      { outboxPartition: 0 },
      { outboxPartition: 0 },
      { outboxPartition: 0, dueAt: past },
      { outboxPartition: 0, dueAt: future },
    );
    await database.pool.query(
      `update outbox set at = at - interval '1 minute' where due_at is null`,
    );
    await commit({ outboxPartition: 0 });
    const outboxPartition = outboxPartitionOf(0);
    outboxPartition.known.add(known as number);
    const { found } = await table.overdue([outboxPartition, outboxPartitionOf(2)], 30_000);
    expect(seqsOf(found)).toEqual([old, due]);
  });

  it('are of these outbox partitions of ours alone', async () => {
    await commit(...[0, 1, 2].map((outboxPartition) => ({ outboxPartition, dueAt: past })));
    const { found } = await table.overdue([outboxPartitionOf(1), outboxPartitionOf(2)], 0);
    expect(found.map(({ row }) => row.outboxPartition)).toEqual([1]);
    await leaseRunsOut();
    expect((await table.overdue([outboxPartitionOf(1)], 0)).found).toEqual([]);
  });

  it('tell when the next one falls due, also to who may take none', async () => {
    const soon = new Date(Date.now() + 60_000).toISOString();
    await commit({ dueAt: past }, { dueAt: future }, { dueAt: soon }, {});
    for (const outboxPartitions of [[], [outboxPartitionOf(0)]]) {
      const { nextDueMs } = await table.overdue(outboxPartitions, 0);
      expect(nextDueMs).toBeGreaterThan(30_000);
      expect(nextDueMs).toBeLessThanOrEqual(60_000);
    }
    await database.pool.query('delete from outbox where due_at > now()');
    expect((await table.overdue([], 0)).nextDueMs).toBeNull();
  });
});

describe('a look', () => {
  it('asks for the time once a condition, however many rows wait', async () => {
    await commit(...Array.from({ length: 500 }, () => ({ outboxPartition: 0, dueAt: future })), {});
    const client = await database.pool.connect();
    const alone = new OutboxTable(client as unknown as Pool, 'us', false, () => []);
    try {
      await client.query(`set track_functions = 'all'`);
      await client.query('begin');
      await alone.read([outboxPartitionOf(0)], 10);
      await alone.overdue([outboxPartitionOf(0)], 60_000);
      await alone.lag();
      const { rows } = await client.query(
        `select pg_stat_get_xact_function_calls('waybill_now()'::regprocedure) as calls`,
      );
      expect(Number(rows[0].calls)).toBeGreaterThan(0);
      expect(Number(rows[0].calls)).toBeLessThan(10);
    } finally {
      client.release(true);
    }
  });
});

describe('the rows that others may have written', () => {
  it('are all above a number that are not known, in order, no more than are asked for', async () => {
    const seqs = await commit({}, {}, {}, {}, {});
    const [first = 0, , known = 0] = seqs;
    const { rows } = await table.others(first, [known], 2, []);
    expect(rows.map(({ seq }) => seq)).toEqual([seqs[1], seqs[3]]);
    expect((await table.others(first, [known], 10, [])).rows).toHaveLength(3);
  });

  it('come with their bodies when their outbox partition is ours and no timer takes them', async () => {
    const [ours, later, theirs] = await commit(
      { outboxPartition: 0 },
      { outboxPartition: 0, dueAt: past },
      { outboxPartition: 2 },
    );
    const { rows } = await table.others((ours as number) - 1, [], 10, []);
    expect(rows.map(({ seq, row, later }) => [seq, row?.seq ?? null, later])).toEqual([
      [ours, ours, false],
      [later, null, true],
      [theirs, null, false],
    ]);
  });
});

describe('what waits', () => {
  it('is counted for each broker, with the time since the oldest was committed or fell due', async () => {
    await commit({}, {}, { dueAt: future }, { broker: 'kafka', dueAt: past });
    await database.pool.query(
      `update outbox set at = waybill_now() - interval '1 hour'
      where seq = (select min(seq) from outbox)`,
    );
    const [embedded, kafka] = await table.lag();
    expect(embedded).toMatchObject({ broker: 'embedded', waiting: 2 });
    expect(embedded?.oldestMs).toBeGreaterThan(3_500_000);
    expect(embedded?.oldestMs).toBeLessThan(3_700_000);
    expect(kafka).toMatchObject({ broker: 'kafka', waiting: 1 });
    expect(kafka?.oldestMs).toBeGreaterThan(Date.now() - Date.parse(past) - 60_000);
  });
});
