import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Type } from '@nestjs/common';
import { DiscoveryService } from '@nestjs/core';
import { TaskLeases } from '@waybill/persistence';
import { declarationOf, ServiceSettings } from '@waybill/service';
import { tasksOf } from '@waybill/service/testing';
import { type TestDatabase, testDatabase } from '@waybill/testing';
import { AgedRows } from './aged-rows.ts';
import { compiledService, serviceModules } from './service-modules.ts';

/** The columns by which the rows of tables are old, by the setting that says how long they are kept. */
const everywhere = {
  JOURNEY_RETENTION: ['journey_page.at'],
  DEAD_LETTER_AUDIT_RETENTION: ['dead_letter_audit.at', 'redrive_job.finished_at'],
  AUDIT_RETENTION: ['operator_action.at'],
};
const answers = { IDEMPOTENCY_RETENTION: ['idempotency_keys.stored_at'] };
const own: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  order: {
    ...answers,
    EXPORT_RETENTION: ['order_exports.started_at', 'order_export_pages.at'],
  },
  inventory: {
    IMPORT_RETENTION: [
      'stock_imports.started_at',
      'stock_import_pieces.at',
      'stock_import_pages.at',
    ],
  },
  payment: {
    ...answers,
    PROVIDER_CALL_RETENTION: ['provider_calls.at'],
    PROVIDER_EVENT_RETENTION: ['provider_events.at'],
  },
  notification: {
    DELIVERY_RETENTION: ['deliveries.at', 'alerts.resolved_at', 'alert_silences.ends_at'],
    WEBHOOK_DELIVERY_RETENTION: ['webhook_deliveries.at'],
  },
  analytics: {
    COUNTED_RETENTION: ['counted.at', 'enriched_activities.at'],
    SESSION_RETENTION: ['session_views.at'],
    METRICS_RETENTION: [
      'window_metrics.started_at',
      'session_metrics.started_at',
      'order_facts.placed_at',
    ],
    EXPORT_RETENTION: [
      'metric_exports.started_at',
      'metric_export_pages.at',
      'stage_rebuilds.finished_at',
    ],
  },
};

/** The tasks whose period a setting is, `<service>/<task>`. */
const periods: Readonly<Record<string, readonly string[]>> = {
  RETENTION_EVERY: ['order/retention', 'customer/retention'],
  INVARIANTS_EVERY: ['order/invariants', 'payment/invariants'],
  JOBS_EVERY: [
    'order/order-exports',
    'inventory/stock-imports',
    'analytics/metric-exports',
    'analytics/stage-rebuilds',
  ],
  RESERVATION_REVIEW_EVERY: ['inventory/overdue-reservations'],
  SUPPLIER_REVIEW_EVERY: ['inventory/overdue-deliveries'],
  PAYMENT_ACTION_QUERY_EVERY: ['payment/open-challenges'],
  ALERT_EVERY: ['notification/alerts'],
  SYNTHETIC_ORDER_EVERY: ['notification/synthetic-order'],
};

const moduleOf = new Map(serviceModules.map((module) => [declarationOf(module).name, module]));

async function tasksWith(service: string, env: Readonly<Record<string, string>>) {
  const made = await compiledService(moduleOf.get(service) as Type, env);
  return tasksOf(made.get(DiscoveryService, { strict: false }), made.get(ServiceSettings));
}

it('a task runs as often as its setting says, and no other setting', async () => {
  const names = Object.keys(periods);
  const seconds = (name: string) => 61 + names.indexOf(name);
  const env = Object.fromEntries(names.map((name) => [name, `${seconds(name)}s`]));
  const services = [...moduleOf.keys()];
  const found = await Promise.all(services.map((service) => tasksWith(service, env)));
  const every = new Map<string, number>(
    services.flatMap(
      (service, index) =>
        found[index]?.map((task) => [`${service}/${task.name}`, task.every] as const) ?? [],
    ),
  );
  for (const [name, tasks] of Object.entries(periods))
    for (const task of tasks)
      expect([task, every.get(task)]).toEqual([task, 1_000 * seconds(name)]);
});

describe.each(Object.keys(own))('the old rows of %s', (name) => {
  let database: TestDatabase;
  let rows: AgedRows;
  beforeAll(async () => {
    database = await testDatabase(declarationOf(moduleOf.get(name) as Type));
    rows = new AgedRows(database.pool);
  }, 60_000);
  afterAll(() => database?.close());

  const purge = async (env: Readonly<Record<string, string>>) => {
    const tasks = await tasksWith(name, env);
    const lease = await new TaskLeases(database.pool, 'test').take('retention', 60_000);
    if (!lease) throw new Error('somebody else has the lease');
    const { signal } = new AbortController();
    await tasks.find((task) => task.name === 'retention')?.run({ lease, signal });
    await lease.end(0);
  };

  it('are deleted an hour after the time that their setting names, and not an hour before', async () => {
    const settings = Object.entries({ ...everywhere, ...own[name] });
    // Each setting has a time of its own, so that no table follows that of another.
    const days = (index: number) => 40 + index;
    const kept: string[] = [];
    for (const [index, [, columns]] of settings.entries()) {
      for (const column of columns) {
        await rows.add(column, 24 * days(index) - 1);
        await rows.add(column, 24 * days(index) + 1);
        kept.push(`${column} ${24 * days(index) - 1}`);
      }
    }
    await purge(Object.fromEntries(settings.map(([key], index) => [key, `${days(index)}d`])));
    const columns = settings.flatMap(([, each]) => each);
    expect(await rows.ages(columns)).toEqual(kept);
  });

  if (name !== 'notification') return;
  it.each([
    ['deliveries', ['queued', 'collected'], ['sent', 'dead']],
    ['webhook_deliveries', ['pending'], ['delivered', 'failed']],
  ])('of %s stay while they are %j, and not when they are %j', async (table, open, settled) => {
    for (const status of [...open, ...settled]) await rows.add(`${table}.at`, 24 * 366, status);
    await purge({ DELIVERY_RETENTION: '365d', WEBHOOK_DELIVERY_RETENTION: '365d' });
    const { rows: left } = await database.pool.query(
      `select status from ${table} where status is not null`,
    );
    expect(left.map(({ status }) => status).sort()).toEqual([...open].sort());
  });
});
