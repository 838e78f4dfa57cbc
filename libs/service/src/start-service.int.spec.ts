import { afterAll, describe, expect, it, jest } from '@jest/globals';
import { embeddedBroker } from '@waybill/embedded-broker';
import { namedTokens, testSecret } from '@waybill/http/testing';
import { oneBroker } from '@waybill/messaging';
import { Health } from '@waybill/observability';
import { eventually, type TestDatabase, testDatabase } from '@waybill/persistence/testing';
import type { JourneyRow } from './ops/journey.ts';
import { startService } from './prepare-service.ts';
import type { RunningService } from './running-service.ts';
import { CounterModule } from './testing/counter.module.ts';
import { startCounter } from './testing/start-counter.ts';

/** The journey of the counter, once both of its events were processed. */
async function received(service: RunningService): Promise<readonly JourneyRow[]> {
  let journey: readonly JourneyRow[] = [];
  await eventually(async () => {
    journey = await service.operations.journey('a');
    return journey.filter(({ name }) => name === 'counter.added').length === 2;
  });
  return journey;
}

describe('a service on its own database', () => {
  let database: TestDatabase | undefined;
  afterAll(() => database?.close());

  it('migrates, answers after the commit, receives its own event, and knows it all again after a restart', async () => {
    database = await testDatabase();
    const { url } = database;
    const start = () => startCounter(url);
    const add = { method: 'POST' as const, url: '/counters', payload: { id: 'a', n: 7 } };
    const headers = { authorization: 'Bearer ada' };

    const first = await start();
    const answered = await first.app.inject({ ...add, headers });
    expect(answered.json()).toEqual({ total: 7, by: 'Ada Lovelace' });
    expect((await first.app.inject('/health/ready')).statusCode).toBe(200);
    const { checks } = (await first.app.inject('/health')).json();
    const values = Object.fromEntries(
      checks.map(({ name, value }: { name: string; value: number }) => [name, value]),
    );
    expect(values).toMatchObject({ deferred: 0, 'dead-letters': 0, consumer: 0 });
    await first.close();

    const second = await start();
    expect((await second.app.inject({ ...add, headers })).json()).toMatchObject({ total: 14 });
    const journey = await received(second);
    expect(journey.find(({ name }) => name === 'counter.added')).toMatchObject({
      service: 'counter',
      from: 'counter',
      broker: 'embedded',
      outcome: 'applied',
    });
    await second.close();
  }, 60_000);

  it('has the partitions that are set, and raises and clears a check after as many samples as are set', async () => {
    const own = await testDatabase();
    const service = await startCounter(own.url, {
      GROUP_PARTITIONS: '3',
      HEALTH_SAMPLE_EVERY: '5m',
      HEALTH_RAISE_AFTER: '2',
      HEALTH_CLEAR_AFTER: '1',
    });
    expect(service.groups.length).toBeGreaterThan(0);
    for (const { partitions } of service.groups) expect(partitions).toBe(3);
    const health = service.app.get(Health);
    let value = 9;
    health.add({ name: 'made', unit: 'things', limit: 1, sampled: true, read: () => value });
    let now = performance.now();
    /** The status after one more sample; a report of the last second would be shown again. */
    const sampled = async () => {
      await health.sample();
      now += 10_000;
      const later = jest.spyOn(performance, 'now').mockReturnValue(now);
      const report = health.report();
      later.mockRestore();
      return (await report).checks.find(({ name }) => name === 'made')?.status;
    };
    expect([await sampled(), await sampled()]).toEqual(['healthy', 'unhealthy']);
    value = 0;
    expect(await sampled()).toBe('healthy');
    await service.close();
    await own.close();
  }, 60_000);

  it('keeps what was done with dead letters for as long as DEAD_LETTER_AUDIT_RETENTION says', async () => {
    const own = await testDatabase();
    const { url, pool } = own;
    await (await startCounter(url)).close();
    const ages = ['1 day', '3 days', '80 days'];
    for (const age of ages) {
      await pool.query(
        `insert into dead_letter_audit (dead_letter_id, action, done_by, original, at)
         values (gen_random_uuid(), 'discarded', $1, '{}', now() - $1::text::interval)`,
        [age],
      );
      await pool.query(
        `insert into redrive_job (id, filter, last, rate, expected, requested_by, finished_at)
         values (gen_random_uuid(), '{}', 0, 1, 0, $1, now() - $1::text::interval)`,
        [age],
      );
    }
    const kept = async () => {
      const { rows } = await pool.query<{ of: string }>(
        `select done_by as of from dead_letter_audit
         union all select requested_by from redrive_job order by 1`,
      );
      return rows.map(({ of }) => of);
    };
    const service = await startCounter(url, {
      RETENTION_EVERY: '50ms',
      DEAD_LETTER_AUDIT_RETENTION: '2d',
    });
    await eventually(async () => (await kept()).length <= 2);
    expect(await kept()).toEqual(['1 day', '1 day']);
    await service.close();
    await own.close();
  }, 60_000);

  it('deletes what is old while it goes on, and nothing that it counts by', async () => {
    const own = await testDatabase();
    const { url, pool } = own;
    const service = await startCounter(url, {
      RETENTION_EVERY: '50ms',
      JOURNEY_RETENTION: '300ms',
      AUDIT_RETENTION: '300ms',
    });
    const add = async () => {
      const payload = { id: 'a', n: 1 };
      const headers = { authorization: 'Bearer operator' };
      await service.app.inject({ method: 'POST', url: '/counters', payload, headers });
    };
    const counts = async () =>
      (
        await pool.query(`select (select count(*) from journey_page)::int as pages,
          (select coalesce(max(page), 0) from journey_page)::int as ever, (select count(*) from operator_action)::int as actions,
          (select total::int from counters where id = 'a') as total`)
      ).rows[0];
    let added = 0;
    await eventually(async () => {
      await add();
      added += 1;
      const { pages, ever, actions } = await counts();
      return ever > 30 && pages < ever / 3 && actions < added / 3;
    });
    expect((await counts()).total).toBe(added);
    await eventually(async () => (await counts()).pages === 0);
    expect(await service.operations.journey('a')).toEqual([]);
    await add();
    expect((await counts()).total).toBe(added + 1);
    await service.close();
    await own.close();
  }, 60_000);

  it('says which database it cannot reach, and never the password', async () => {
    const env = {
      DATABASE_URL: 'postgres://someone:hunter2hunter2@127.0.0.1:1/nowhere',
      LOG_LEVEL: 'silent',
      SERVICE_SECRET: testSecret,
    };
    const started = startService(CounterModule, {
      env,
      brokers: oneBroker(embeddedBroker()),
      listen: null,
      tokenVerifier: namedTokens,
    });
    const error = await started.catch((reason: Error) => reason);
    expect(String(error)).toContain('counter cannot reach its database nowhere at 127.0.0.1:1');
    expect(String(error)).not.toContain('hunter2');
  });
});
