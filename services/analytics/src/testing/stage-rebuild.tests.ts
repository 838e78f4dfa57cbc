import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { Schemas } from '@waybill/client';
import { namedTokens, testSecret } from '@waybill/http/testing';
import { type Broker, oneBroker } from '@waybill/messaging';
import { type RunningService, startService } from '@waybill/service';
import { type TestDatabase, testDatabase } from '@waybill/testing';
import { AnalyticsModule } from '../analytics.module.ts';
import { analyticsStorage } from '../storage/analytics.storage.ts';

const patience = 280_000;
const start = Date.parse('2026-11-29T10:00:00.000Z');

/** Only the test's own limit ends it: joining a group takes seconds, each time. */
async function until(fact: () => Promise<boolean>): Promise<void> {
  while (!(await fact())) await pause(100);
}

/** What a broker that keeps its messages makes possible. */
export function stageRebuildTests(open: () => Broker | Promise<Broker>): void {
  let database: TestDatabase;
  let service: RunningService;
  let broker: Broker;

  beforeAll(async () => {
    broker = await open();
    database = await testDatabase(analyticsStorage);
    service = await startService(AnalyticsModule, {
      brokers: oneBroker(broker),
      migrate: true,
      exclusive: false,
      listen: null,
      tokenVerifier: namedTokens,
      env: {
        DATABASE_URL: database.url,
        LOG_LEVEL: 'silent',
        SERVICE_SECRET: testSecret,
        JOBS_EVERY: '100ms',
        METRICS_DELAY: '50ms',
      },
    });
  }, patience);
  afterAll(async () => {
    await service?.close();
    await broker?.close();
    await database?.close();
  }, patience);

  const rows = async (text: string) => (await database.pool.query(text)).rows;
  /** Without their revisions. */
  const results = async () => [
    await rows(`select visitor, started_at, activities, page_views, unique_pages, purchases, spend
    from window_metrics order by 1, 2`),
    await rows(`select session_id, started_at, ended_at, activities, page_views, spend, entry_page, exit_page, pages, types
    from session_metrics order by 1, 2`),
  ];
  const activitiesIn = async (table: string) =>
    Number((await rows(`select coalesce(sum(activities), 0) as n from ${table}`))[0]?.n);

  type Reported = Omit<Schemas['Activity'], 'eventId'>;
  async function report(activities: readonly Reported[]) {
    const payload = activities.map((each) => ({ ...each, eventId: randomUUID() }));
    const options = { method: 'POST', url: '/api/v1/activity', payload } as const;
    await until(async () => (await service.app.inject(options)).statusCode === 202);
  }

  const rebuilt = async (name: string) => {
    const { id, state } = await service.operations.projections.rebuild(name, 'ops');
    expect(state).toBe('running');
    await until(async () => (await service.operations.jobs.read(id)).state === 'done');
  };

  it(
    'builds a stage again from the messages that its broker has kept: the results are the same',
    async () => {
      const visits = Array.from(
        { length: 40 },
        (_, i): Reported => ({
          type: i % 10 === 9 ? 'purchase' : 'page_view',
          sessionId: `s${i % 4}`,
          occurredAt: new Date(start + i * 7_000).toISOString(),
          properties: i % 10 === 9 ? { amount: 500 } : { page: `/p/${i % 3}` },
        }),
      );
      await report(visits);
      await until(
        async () =>
          (await activitiesIn('session_metrics')) === 40 &&
          (await activitiesIn('window_metrics')) === 240,
      );
      const before = await results();

      // What a mistake of an earlier release may have left.
      const mistakes = {
        windows: 'update window_metrics set unique_pages = 0',
        sessions: 'update session_metrics set spend = 77',
      };
      for (const [name, mistake] of Object.entries(mistakes)) {
        await database.pool.query(mistake);
        await rebuilt(name);
        await until(async () => JSON.stringify(await results()) === JSON.stringify(before));
      }
      // What comes later counts as if nothing had happened.
      await report([
        {
          type: 'page_view',
          sessionId: 's0',
          occurredAt: new Date(start).toISOString(),
          properties: { page: '/late' },
        },
      ]);
      await until(async () => {
        const [found] = await rows(
          `select (state->'time'->>'late')::int as late from window_states where id = 'session:s0'`,
        );
        return found?.late === 0 && (await activitiesIn('session_metrics')) === 41;
      });
    },
    patience,
  );
}
