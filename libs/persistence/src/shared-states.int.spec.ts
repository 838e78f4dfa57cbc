import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { local, newId } from '@waybill/message';
import { type Batch, on, refName, type Store } from '@waybill/messaging';
import { ConsumerBench } from '@waybill/messaging/testing';
import { z } from 'zod';
import { PgStore } from './pg-store.ts';
import { batchOf, purchase, purchases, type Stock, shop, stock } from './testing/orders.fixture.ts';
import { type TestDatabase, testDatabase } from './testing/test-database.ts';

const Buy = local('shop.buy', {
  summary: 'One piece of each product.',
  key: ({ id }) => id,
  schema: z.strictObject({ id: z.string(), skus: z.array(z.string()) }),
});

const buying = on(Buy, purchases, {
  state: ({ id }) => id,
  begins: true,
  also: ({ skus }) => skus.map((sku) => stock.at(sku)),
  decide: (_, { id, skus }, { read }) => {
    const found = skus.map((sku) => read(stock.at(sku)) as Stock);
    if (found.some(({ available }) => available === 0)) return { answer: 'sold out' };
    const taken = found.map(({ sku, available }) => stock.put({ sku, available: available - 1 }));
    return { changes: [purchases.put(purchase({ id })), ...taken], answer: 'bought' };
  },
});

let database: TestDatabase;
let store: PgStore;
beforeAll(async () => {
  database = await testDatabase({ ...shop, poolSize: 16 });
  store = new PgStore(database.pool, database.tables);
}, 60_000);
beforeEach(async () => {
  await database.pool.query('truncate stock, purchase');
});
afterAll(() => database.close());

async function stored(pieces: Readonly<Record<string, number>>): Promise<void> {
  const table = stock as unknown as Batch['states'][number]['table'];
  await store.commit(
    batchOf({
      states: Object.entries(pieces).map(([sku, available]) => {
        return { table, id: sku, value: { sku, available }, loaded: 0, version: 1 };
      }),
    }),
  );
}

/** A replica of the shop, with counts of how its batches went. */
async function replica() {
  const counts = { loads: 0, raced: 0, lost: 0, locked: 0 };
  const counting: Store = Object.assign(Object.create(store) as Store, {
    load: (...args: Parameters<Store['load']>) => {
      counts.loads += 1;
      return store.load(...args);
    },
    commit: (batch: Batch) => {
      counts.raced += 1;
      return store.commit(batch).catch((error: unknown) => {
        counts.lost += 1;
        throw error;
      });
    },
    commitLocked: (...args: Parameters<Store['commitLocked']>) => {
      counts.locked += 1;
      return store.commitLocked(...args);
    },
  });
  const bench = new ConsumerBench([buying], { store: counting, batchSize: 4 });
  bench.clock.advance(Date.now() - bench.clock.now().getTime());
  await bench.start();
  const buy = (...skus: string[]) => bench.consumer.submit<string>(Buy({ id: newId(), skus }));
  return { buy, counts };
}

const left = async () => {
  const { rows } = await database.pool.query('select sku, available from stock order by sku');
  return Object.fromEntries(rows.map(({ sku, available }) => [sku, available]));
};
const bought = async () =>
  (await database.pool.query('select count(*)::int n from purchase')).rows[0].n;

describe('states that many keys share', () => {
  it('cost one round trip a batch, and are read once, while one process writes them', async () => {
    await stored({ A: 50, B: 50 });
    const { buy, counts } = await replica();
    for (let i = 0; i < 20; i += 1) expect(await buy('A', 'B')).toBe('bought');
    expect(await left()).toEqual({ A: 30, B: 30 });
    expect(counts).toEqual({ loads: 1, raced: 20, lost: 0, locked: 0 });
  });

  it('are right whoever writes them between two batches, and no caller receives what was true before', async () => {
    await stored({ A: 2 });
    const [one, other] = [await replica(), await replica()];
    expect(await one.buy('A')).toBe('bought');
    expect(await other.buy('A')).toBe('bought');
    expect(await one.buy('A')).toBe('sold out');
    await database.pool.query('update stock set available = 1, version = version + 1');
    expect(await other.buy('A')).toBe('bought');
    expect(await left()).toEqual({ A: 0 });
  });

  it('are locked by two processes that race for them, and never oversold', async () => {
    await stored({ A: 60, B: 75, C: 90 });
    const replicas = [await replica(), await replica()];
    const pairs = [['A', 'B'], ['C', 'A'], ['B', 'C'], ['B']] as const;
    const answers = await Promise.all(
      Array.from({ length: 400 }, (_, i) =>
        (replicas[i % 2] as (typeof replicas)[0]).buy(...(pairs[i % 4] as readonly string[])),
      ),
    );
    const pieces = answers.map((answer, i) =>
      answer === 'bought' ? (pairs[i % 4]?.length ?? 0) : 0,
    );
    const sum = (numbers: readonly number[]) => numbers.reduce((a, b) => a + b, 0);
    expect(sum(Object.values(await left()))).toBe(225 - sum(pieces));
    expect(Math.min(...Object.values<number>(await left()))).toBeGreaterThanOrEqual(0);
    expect(await bought()).toBe(answers.filter((answer) => answer === 'bought').length);
    const [locked, lost] = [
      sum(replicas.map(({ counts }) => counts.locked)),
      sum(replicas.map(({ counts }) => counts.lost)),
    ];
    expect(locked).toBeGreaterThan(0);
    expect(lost).toBeLessThan(locked);
  });

  it('are locked in one order before any is written, also those that were only looked at', async () => {
    await stored({ A: 1, B: 1 });
    const refs = [stock.at('A'), stock.at('B')] as never[];
    const now = await store.load(refs);
    const table = stock as unknown as Batch['states'][number]['table'];
    const versionOf = (sku: string) => now.get(refName(stock.at(sku) as never))?.version ?? 0;
    const batch = (written: string) => ({
      ...batchOf({
        states: [
          {
            table,
            id: written,
            value: { sku: written, available: 0 },
            loaded: versionOf(written),
            version: versionOf(written) + 1,
          },
        ],
      }),
      reads: ['A', 'B'].map((sku) => ({ table, id: sku, version: versionOf(sku) })),
    });
    const ends = await Promise.allSettled([store.commit(batch('A')), store.commit(batch('B'))]);
    const refused = ends.flatMap((end) => (end.status === 'rejected' ? [end.reason] : []));
    expect(refused).toMatchObject([{ reason: 'version' }]);
  });
});
