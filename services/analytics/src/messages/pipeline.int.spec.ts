import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import {
  ActivityRecorded,
  CustomerRegistered,
  type DataOf,
  type Message,
} from '@waybill/contracts';
import { type TestDatabase, testDatabase } from '@waybill/testing';
import fc from 'fast-check';
import { analyticsStorage } from '../storage/analytics.storage.ts';
import { BehaviourRepository } from '../storage/behaviour.repository.ts';
import { KeptSessions } from '../storage/kept-sessions.ts';
import { PopularityRepository } from '../storage/popularity.repository.ts';
import { SalesRepository } from '../storage/sales.repository.ts';
import { StageRebuildRepository } from '../storage/stage-rebuild.repository.ts';
import { naiveSessions, naiveWindows } from '../testing/naive-results.ts';
import { Pipeline } from '../testing/pipeline.ts';

type Activity = DataOf<typeof ActivityRecorded>;

let database: TestDatabase;

beforeAll(async () => {
  database = await testDatabase(analyticsStorage);
}, 60_000);
const wipe = () =>
  database.pool.query(`truncate products, customer_profiles, customer_counts, session_activities, visitor_activities,
    window_states, session_states, enriched_activities, window_metrics, session_metrics`);
beforeEach(wipe);
afterAll(() => database?.close());

const start = Date.parse('2026-11-29T10:00:00.000Z');
const activity = (more: Partial<Activity> & { second: number }): Message => {
  const { second, ...rest } = more;
  return ActivityRecorded({
    eventId: randomUUID(),
    type: 'page_view',
    sessionId: 'one',
    occurredAt: new Date(start + second * 1_000).toISOString(),
    properties: { page: '/' },
    ...rest,
  });
};
const rows = async (table: string, columns: string) =>
  (await database.pool.query(`select ${columns} from ${table} order by 1, 2`)).rows;
const windowRows = () =>
  rows(
    'window_metrics',
    `visitor, extract(epoch from started_at) * 1000 as start, activities, page_views, unique_pages, purchases, spend`,
  );
const sessionRows = () =>
  rows(
    'session_metrics',
    `session_id, extract(epoch from started_at) * 1000 as start, extract(epoch from ended_at) * 1000 as end,
      customer_id, country, activities, page_views, spend, entry_page, exit_page, pages, types`,
  );

const numbers = (some: readonly object[]) =>
  some.map((row) =>
    Object.fromEntries(
      Object.entries(row).map(([name, value]) => [
        name,
        /^\d+(\.0+)?$/.test(String(value)) ? Number(value) : value,
      ]),
    ),
  );

const reports = fc.array(
  fc.record({
    second: fc.integer({ min: 0, max: 600 }),
    sessionId: fc.constantFrom('one', 'two'),
    isKnown: fc.boolean(),
    what: fc.constantFrom(
      ...([
        { type: 'page_view', properties: { page: '/' } },
        { type: 'view_product', properties: { sku: 'MUG' } },
        { type: 'purchase', properties: { amount: 500 } },
        { type: 'search', properties: { query: 'mug' } },
      ] satisfies Partial<Activity>[] as Pick<Activity, 'type' | 'properties'>[]),
    ),
    again: fc.boolean(),
  }),
  { minLength: 1, maxLength: 12 },
);

describe('the pipeline', () => {
  it('computes what a naive computation does, though every process dies soon', async () => {
    await fc.assert(
      fc.asyncProperty(reports, fc.integer({ min: 1, max: 5 }), async (stream, diesAfter) => {
        await wipe();
        const pipeline = await new Pipeline(database, diesAfter).start();
        const activities = stream.map(({ second, sessionId, isKnown, what, again }) => ({
          message: activity({ second, sessionId, ...what, ...(isKnown && { customerId: 'ada' }) }),
          again,
        }));
        for (const { message, again } of activities) {
          await pipeline.take('analytics.enrichment', message);
          if (again) await pipeline.take('analytics.enrichment', message);
          if (again) await pipeline.timersFire();
        }
        await pipeline.timersFire();
        const data = activities.map(({ message }) => message.data as Activity);
        expect(numbers(await windowRows())).toEqual(naiveWindows(data));
        expect(numbers(await sessionRows())).toMatchObject(naiveSessions(data));
      }),
      { numRuns: 3 },
    );
  }, 120_000);

  it('has the same results when any stage is replayed', async () => {
    const pipeline = await new Pipeline(database).start();
    for (const second of [0, 30, 10, 200])
      await pipeline.take('analytics.enrichment', activity({ second }));
    await pipeline.timersFire();
    const before = [await windowRows(), await sessionRows()];
    expect(before.map(({ length }) => length)).toEqual([15, 2]);
    for (const [type, group] of [
      ['enriched.activity', 'analytics.processing'],
      ['enriched.activity', 'analytics.sessions'],
      ['processed.activity', 'analytics.windows'],
    ]) {
      const published = pipeline.published.filter((each) => each.type === type);
      expect(published).toHaveLength(4);
      await pipeline.replay(group as string, published);
    }
    expect([await windowRows(), await sessionRows()]).toEqual(before);
    // And from nothing, with an inbox that has forgotten the messages.
    await database.pool.query('truncate window_states, window_metrics, inbox');
    const processed = pipeline.published.filter((each) => each.type === 'processed.activity');
    await pipeline.replay('analytics.windows', processed);
    expect(await windowRows()).toEqual(before[0]);
  });

  it('has other windows if the sessions of a customer come in another order, so the earlier stages are not built again', async () => {
    const visits = ['phone', 'laptop'].map((sessionId) =>
      [0, 100, 200].map((second) => activity({ second, sessionId, customerId: 'ada' })),
    );
    const [phone = [], laptop = []] = visits;
    const lateIn = async (messages: readonly Message[]) => {
      await wipe();
      const pipeline = await new Pipeline(database).start();
      for (const message of messages) await pipeline.take('analytics.enrichment', message);
      const [{ late }] = await rows('window_states', `id, (state->'time'->>'late')::int late`);
      return late;
    };
    const asTheyHappened = phone.flatMap((message, i) => [message, laptop[i] ?? message]);
    expect([await lateIn(asTheyHappened), await lateIn(visits.flat())]).toEqual([0, 2]);
  });

  it('enriches with the profile of the customer and the place in the session, and adds what the shop knows', async () => {
    await database.pool.query(
      `insert into products values ('MUG', 'Mug', 'Home', 1000, 'EUR', false, 1)`,
    );
    await database.pool.query(`insert into customer_counts values ('ada', 2, 7000, 1)`);
    const pipeline = await new Pipeline(database).start();
    const at = '2026-11-01T10:00:00.000Z';
    await pipeline.take('analytics', CustomerRegistered({ customerId: 'ada', locale: 'de', at }));
    await pipeline.take('analytics.enrichment', activity({ second: 0, type: 'search' }));
    const known = { customerId: 'ada', country: 'DE', type: 'view_product' as const };
    const properties = { sku: 'MUG' };
    await pipeline.take('analytics.enrichment', activity({ second: 1, ...known, properties }));
    const [, data] = pipeline.published
      .filter((each) => each.type === 'processed.activity')
      .map((each) => each.data);
    expect(data).toMatchObject({
      visitor: 'customer:ada',
      customer: { id: 'ada', locale: 'de', registeredAt: at },
      country: 'DE',
      number: 2,
      bounced: false,
      page: { path: '/products/MUG', category: 'product' },
      product: { sku: 'MUG', category: 'Home' },
      lifetimeValue: 7_000,
    });
  });

  it('keeps the state of a hot visitor small', async () => {
    const pipeline = await new Pipeline(database).start();
    for (let second = 0; second < 400; second += 4)
      await pipeline.take(
        'analytics.enrichment',
        activity({ second, properties: { page: `/p/${second}` } }),
      );
    await pipeline.timersFire();
    const [{ panes }] = await rows('window_states', `id, jsonb_array_length(state->'panes') panes`);
    expect(panes).toBeLessThanOrEqual(13);
    const [session] = await sessionRows();
    expect([session.activities, session.pages.length]).toEqual(['100', 30]);
  });
});

describe('what the results are read for', () => {
  const span = { from: new Date(start - 1), to: new Date(start + 3_600_000) };

  async function shop(): Promise<BehaviourRepository> {
    const pipeline = await new Pipeline(database).start();
    const reports = [
      { sessionId: 'bounced', second: 0 },
      { sessionId: 'buyer', second: 1 },
      { sessionId: 'buyer', second: 2, type: 'view_product', properties: { sku: 'MUG' } },
      { sessionId: 'buyer', second: 3, type: 'add_to_cart', properties: { sku: 'MUG' } },
      { sessionId: 'buyer', second: 9, type: 'purchase', properties: { amount: 500 } },
      { sessionId: 'looker', second: 5, type: 'search', properties: { query: 'mug' } },
    ] as const;
    for (const each of reports) await pipeline.take('analytics.enrichment', activity(each));
    await pipeline.timersFire();
    return new BehaviourRepository(database.dataSource);
  }

  it('tells pages, bounces and how far sessions came', async () => {
    const behaviour = await shop();
    expect(await behaviour.pages(span, 9)).toEqual([
      { path: '/', category: 'home', views: 2, sessions: 2 },
      { path: '/products/MUG', category: 'product', views: 1, sessions: 1 },
    ]);
    expect(await behaviour.bounces(span, 9)).toEqual([
      { entryPage: null, sessions: 3, bounced: 1 },
      { entryPage: '/', sessions: 2, bounced: 1 },
    ]);
    const steps = [['page_view', 'view_product'], ['add_to_cart'], ['checkout'], ['purchase']];
    expect(await behaviour.reached(span, steps)).toEqual([2, 1, 1, 1]);
    const nothing = { from: span.to, to: new Date(span.to.getTime() + 1) };
    expect(await behaviour.bounces(nothing, 9)).toEqual([
      { entryPage: null, sessions: 0, bounced: 0 },
    ]);
  });

  it('lists sessions page by page, and windows of a visitor with what was late', async () => {
    const behaviour = await shop();
    const first = await behaviour.sessions({}, undefined, 2);
    expect(first.map(({ sessionId }) => sessionId)).toEqual(['looker', 'buyer']);
    const place = { at: first[1]?.startedAt ?? '', id: 'buyer' };
    const [last, none] = await behaviour.sessions({}, place, 2);
    expect([last?.sessionId, none]).toEqual(['bounced', undefined]);
    expect(await behaviour.sessions({ customerId: 'ada' }, undefined, 2)).toEqual([]);
    const pipeline = await new Pipeline(database).start();
    const late = activity({ sessionId: 'buyer', second: -100 });
    await pipeline.take('analytics.enrichment', late);
    const { items, ...others } = await behaviour.windows(['session:buyer'], span, {
      take: 1,
    });
    expect([items[0]?.purchases, items[0]?.spend, others.late]).toEqual([1, 500, 1]);
    const after = { at: items[0]?.startedAt ?? '', visitor: 'session:buyer' };
    const longer = { ...span, from: new Date(start - 60_000) };
    const next = await behaviour.windows(['session:buyer'], longer, { after, take: 1 });
    expect(Date.parse(next.items[0]?.startedAt ?? '')).toBe(Date.parse(after.at) - 10_000);
  });

  it('tells what a customer did also when the states of the stages are deleted', async () => {
    const pipeline = await new Pipeline(database).start();
    for (const second of [0, 1])
      await pipeline.take('analytics.enrichment', activity({ second, customerId: 'ada' }));
    await pipeline.timersFire();
    await database.pool.query('truncate visitor_activities, session_states, window_states');
    expect(await new SalesRepository(database.dataSource).customer('ada')).toMatchObject({
      activities: 2,
      sessions: 1,
      lastSeenAt: new Date(start + 1_000),
    });
  });

  it('knows whether a stage has set timers that are not published', async () => {
    const rebuilds = new StageRebuildRepository(database.dataSource);
    await database.pool.query('truncate outbox');
    expect(await rebuilds.hasTimers('windows')).toBe(false);
    const pipeline = await new Pipeline(database).start();
    await pipeline.take('analytics.enrichment', activity({ second: 0 }));
    expect(await rebuilds.hasTimers('windows')).toBe(true);
    await database.pool.query('update outbox set due_at = null');
    expect(await rebuilds.hasTimers('windows')).toBe(false);
  });

  it('knows the sessions whose states are kept', async () => {
    const pipeline = await new Pipeline(database).start();
    for (const sessionId of ['one', 'two'])
      await pipeline.take('analytics.enrichment', activity({ second: 0, sessionId }));
    const kept = new KeptSessions(database.dataSource);
    expect([await kept.reach(2), await kept.reach(3)]).toEqual([true, false]);
    expect([await kept.have(['one', 'two', 'one']), await kept.have(['one', 'three'])]).toEqual([
      true,
      false,
    ]);
  });

  it('forgets a customer who is erased', async () => {
    const pipeline = await new Pipeline(database).start();
    const popularity = new PopularityRepository();
    const visit = () =>
      pipeline.take('analytics.enrichment', activity({ second: 0, customerId: 'eve' }));
    await visit();
    await pipeline.timersFire();
    await database.dataSource.transaction((manager) => popularity.forget(manager, ['eve']));
    await visit();
    await pipeline.timersFire();
    expect([await windowRows(), await sessionRows()]).toEqual([[], []]);
    await database.pool.query('truncate erased_customers');
  });
});
