import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { OwnRedis } from '@waybill/redis/testing';
import { Client as Database } from 'pg';
import { eventually } from '../../../system/eventually.ts';
import { ProcessSystem } from '../../../system/process-system.ts';

jest.setTimeout(600_000);

/** Longer than the lease of a job. */
const patience = 120_000;

describe('jobs, while their worker is killed and Redis is gone', () => {
  let redis: OwnRedis;
  let system: ProcessSystem;
  let database: Database;

  beforeAll(async () => {
    redis = await OwnRedis.start();
    system = await ProcessSystem.start({ env: { REDIS_URL: redis.url } });
    database = new Database({ connectionString: system.databases.analytics });
    await database.connect();
  });
  afterAll(async () => {
    await database?.end();
    await system?.dispose();
    await redis?.kill();
  });

  const count = async (query: string): Promise<number> =>
    Number((await database.query<{ count: string }>(`select count(*) ${query}`)).rows[0]?.count);

  /** One session views all products. */
  async function viewAll(skus: readonly string[]): Promise<void> {
    const sessionId = randomUUID();
    const views = skus.map((sku) => ({
      type: 'view_product',
      sessionId,
      occurredAt: new Date().toISOString(),
      properties: { sku },
    }));
    const { status } = await system.anonymous().post('/api/v1/activity', views);
    expect(status).toBe(202);
  }

  it.each(['wiped', 'stopped'])(
    'each job is done once in effect after its worker was killed with it, and Redis was %s',
    async (how) => {
      const { items } = await system.anonymous().read('/api/v1/products', { query: { limit: 20 } });
      const skus = items.map(({ sku }) => sku);
      await database.query('truncate recommendations, product_pairs, session_views');
      // Workers take jobs, and cannot end them.
      await database.query('begin');
      await database.query('lock table recommendations in exclusive mode');
      await viewAll(skus);
      await eventually(
        'workers have jobs',
        async () => (await count('from work_job where claimed_until is not null')) > 0,
      );
      await system.killForGood('analytics');
      await redis.kill();
      if (how === 'wiped') await redis.start();
      await database.query('commit');
      system.release('analytics');
      await system.allReady();
      await eventually(
        'all jobs are done',
        async () => (await count('from work_job')) === 0,
        patience,
      );
      expect(await count('from recommendations')).toBe(skus.length);
      expect(await count(`from product_pairs where kind = 'viewed' and times = 1`)).toBe(
        skus.length * (skus.length - 1),
      );
      if (how === 'stopped') await redis.start();
    },
  );
});
