import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type ActivityRecorded, type DataOf, newId, type OrderAnnounced } from '@waybill/contracts';
import type { Envelope } from '@waybill/messaging';
import { type TestDatabase, testDatabase } from '@waybill/testing';
import { type Job, JobTable, Work } from '@waybill/work-queue';
import type { EntityManager } from 'typeorm';
import { ActivityConsumer } from '../messages/activity.consumer.ts';
import { PurchasesConsumer } from '../messages/purchases.consumer.ts';
import { RecommendationsWorker } from '../messages/recommendations.worker.ts';
import { analyticsStorage } from './analytics.storage.ts';
import { LeaderboardRows } from './leaderboard.rows.ts';
import { Leaderboards } from './leaderboards.ts';
import { PopularityRepository } from './popularity.repository.ts';
import { RecommendationRepository } from './recommendation.repository.ts';

let database: TestDatabase;
let leaderboards: Leaderboards;
let recommendations: RecommendationRepository;
let jobs: JobTable;
let view: (...activities: Partial<DataOf<typeof ActivityRecorded>>[]) => Promise<unknown>;
let buy: (...orders: readonly object[]) => Promise<unknown>;
let erase: (customerId: string) => Promise<unknown>;

const catalogue = [
  ['LAPTOP', 'Electronics', 100_000],
  ['MOUSE', 'Electronics', 2_000],
  ['SCREEN', 'Electronics', 30_000],
  ['CABLE', 'Electronics', 500],
  ['MUG', 'Home', 1_000],
] as const;

beforeAll(async () => {
  database = await testDatabase(analyticsStorage);
  const { dataSource } = database;
  jobs = new JobTable(dataSource);
  const index = { add: async () => undefined } as never;
  const work = new Work({ dataSource, jobs, index });
  const popularity = new PopularityRepository();
  recommendations = new RecommendationRepository(dataSource);
  leaderboards = new Leaderboards(new LeaderboardRows(dataSource), null);
  const activities = new ActivityConsumer(dataSource, popularity, work, leaderboards);
  const purchases = new PurchasesConsumer(dataSource, popularity, work, leaderboards, {
    shopCurrency: 'EUR',
  });
  const envelopes = (data: readonly object[]) =>
    data.map((each) => ({ id: newId(), data: each }) as Envelope);
  view = (...some) =>
    activities
      .record()
      .write(envelopes(some.map((each) => ({ ...viewed, eventId: randomUUID(), ...each }))));
  buy = (...orders) => purchases.purchased().write(envelopes(orders));
  erase = (customerId) => purchases.erased().write(envelopes([{ customerId }]));
}, 60_000);
beforeEach(async () => {
  await database.pool.query(`truncate products, product_counts, customer_counts, erased_customers, product_pairs,
    session_views, counted, recommendations, work_job`);
  for (const [sku, category, price] of catalogue)
    await database.pool.query(`insert into products values ($1, $1, $2, $3, 'EUR', false, 1)`, [
      sku,
      category,
      price,
    ]);
});
afterAll(() => database?.close());

const viewed = {
  type: 'view_product' as const,
  sessionId: 'one',
  occurredAt: '2026-11-29T10:00:00.000Z',
  properties: { sku: 'LAPTOP' },
};
const sku = (of: string) => ({ properties: { sku: of } });

const order = (
  customer: string,
  skus: Record<string, number>,
  amount = 5_000,
): Partial<DataOf<typeof OrderAnnounced>> => ({
  orderId: newId(),
  status: 'confirmed',
  customer: { id: customer, name: '', email: '' },
  total: { amount, currency: 'EUR' },
  lines: Object.entries(skus).map(([of, quantity]) => ({ sku: of, quantity })),
});

const board = async (name: Parameters<Leaderboards['top']>[0], limit = 9) =>
  (await leaderboards.top(name, limit)).map(({ id, score }) => `${id} ${score}`);

/** Does the jobs that wait, as a worker would. */
async function doJobs(): Promise<string[]> {
  const worker = new RecommendationsWorker(recommendations);
  const ids = await jobs.due('recommendations', 100);
  const claimed = await jobs.claim('recommendations', ids, 1_000);
  for (const job of claimed) {
    const complete = async (work: (manager: EntityManager) => Promise<unknown>) => {
      await jobs.complete(job, async (manager) => {
        await work(manager);
        return null;
      });
    };
    await worker.recompute({ ...job, complete } as unknown as Job);
  }
  return claimed.map(({ key }) => key).sort();
}

const recommended = async (of: string, limit = 9) =>
  (await recommendations.of(of, limit))?.map(({ sku: found, reason }) => `${found} ${reason}`);

describe('views and purchases', () => {
  it('count once, however often they are reported', async () => {
    const eventId = randomUUID();
    await view({ eventId }, { eventId }, { ...sku('MUG') });
    await view({ eventId });
    expect(await board('most-viewed')).toEqual(['MUG 1', 'LAPTOP 1']);
    const bought = order('ada', { LAPTOP: 1, MOUSE: 3 });
    await buy(bought, bought);
    await buy(bought, { ...order('ada', { MUG: 9 }), status: 'rejected' });
    expect(await board('top-selling')).toEqual(['MOUSE 3', 'LAPTOP 1']);
    expect(await board('top-revenue')).toEqual(['LAPTOP 100000', 'MOUSE 6000']);
    expect(await board('top-customers')).toEqual(['ada 5000']);
  });

  it('count only views of products that exist', async () => {
    await view(sku('NO-SUCH-THING'), sku('no sku'), { properties: {} }, { type: 'search' });
    expect(await board('most-viewed')).toEqual([]);
  });

  it('of an erased customer count for the products alone, also when they come late', async () => {
    await buy(order('ada', { MUG: 1 }), order('grace', { MUG: 1 }));
    await erase('ada');
    await buy(order('ada', { MUG: 1 }));
    expect(await board('top-customers')).toEqual(['grace 5000']);
    expect(await board('top-selling')).toEqual(['MUG 3']);
  });
});

describe('recommendations', () => {
  it('are what was bought together, then viewed together, then the best sellers of the category', async () => {
    await buy(order('ada', { LAPTOP: 1, MOUSE: 1 }), order('ada', { LAPTOP: 1, MOUSE: 1, MUG: 1 }));
    await view(sku('LAPTOP'), sku('SCREEN'), sku('MUG'));
    await view({ ...sku('CABLE'), sessionId: 'another' });
    expect(await doJobs()).toEqual(['LAPTOP', 'MOUSE', 'MUG', 'SCREEN']);
    expect(await recommended('LAPTOP')).toEqual([
      'MOUSE bought_together',
      'MUG bought_together',
      'SCREEN viewed_together',
      'CABLE best_seller',
    ]);
    expect(await recommended('LAPTOP', 2)).toHaveLength(2);
  });

  it('of a product without any are the best sellers of its category, never itself', async () => {
    await buy(order('ada', { MOUSE: 2 }), order('ada', { CABLE: 3 }), order('ada', { SCREEN: 9 }));
    expect(await doJobs()).toEqual([]);
    expect(await recommended('SCREEN')).toEqual([
      'CABLE best_seller',
      'MOUSE best_seller',
      'LAPTOP best_seller',
    ]);
    expect(await recommended('MUG')).toEqual([]);
    expect(await recommended('UNKNOWN')).toBeUndefined();
  });

  it('name no product that was withdrawn', async () => {
    await buy(order('ada', { LAPTOP: 1, MOUSE: 1 }));
    await doJobs();
    await database.pool.query(`update products set withdrawn = true where sku = 'MOUSE'`);
    expect(await recommended('LAPTOP')).not.toContain('MOUSE bought_together');
    expect(await recommended('MOUSE')).toBeUndefined();
  });

  it('are computed once for a product that many purchases change', async () => {
    for (let n = 0; n < 5; n += 1) await buy(order('ada', { LAPTOP: 1, MOUSE: 1 }));
    expect(await doJobs()).toEqual(['LAPTOP', 'MOUSE']);
  });
});
