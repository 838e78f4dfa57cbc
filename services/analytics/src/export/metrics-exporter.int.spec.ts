import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { fileFormats } from '@waybill/exports';
import { type EdgeApp, edgeApp } from '@waybill/http/testing';
import { systemClock } from '@waybill/messaging';
import { LeaseLost, TaskLeases } from '@waybill/persistence';
import { Exports, type Job, Jobs } from '@waybill/service';
import { type TestDatabase, testDatabase } from '@waybill/testing';
import { parquetReadObjects } from 'hyparquet';
import { exportedMetrics } from '../domain/exported-metrics.ts';
import { MetricExportsController } from '../http/metric-exports.controller.ts';
import { analyticsStorage } from '../storage/analytics.storage.ts';
import type { MetricExport } from '../storage/metric-export.entity.ts';
import { MetricExportRepository } from '../storage/metric-export.repository.ts';
import { MetricsExporter } from './metrics-exporter.ts';

const start = '2026-11-29T10:00:00Z';
const count = 4_500;
let database: TestDatabase;
let repository: MetricExportRepository;
let exporter: MetricsExporter;
let exports: Exports;
let edge: EdgeApp;
const jobs = new Jobs('analytics');

beforeAll(async () => {
  database = await testDatabase(analyticsStorage);
  repository = new MetricExportRepository(database.dataSource);
  exports = new Exports();
  exporter = new MetricsExporter(repository, systemClock, jobs, exports);
  edge = await edgeApp([MetricExportsController], {
    providers: [{ provide: MetricExportRepository, useValue: repository }],
  });
}, 60_000);
beforeEach(async () => {
  await database.pool.query(
    'truncate window_metrics, session_metrics, order_facts, metric_exports, metric_export_pages, task_lease, erased_customers',
  );
  // Several windows of a visitor, and several visitors of a time.
  await database.pool.query(
    `insert into window_metrics select visitor, at, at + interval '60 seconds', 1, 1, 1, 0, 0, 1
      from (select 'session:' || n / 7 as visitor, $1::timestamptz + n % 7 * interval '10.001 seconds' as at
        from generate_series(0, $2 - 1) n) given`,
    [start, count],
  );
});
afterAll(async () => {
  await edge?.app.close();
  await database?.close();
});

const replica = (name: string) => new TaskLeases(database.pool, name);
async function leaseOf(name: string) {
  const lease = await replica(name).take('metric-exports', 60_000);
  if (!lease) throw new Error('the lease is not free');
  return lease;
}
const begin = (kind: string, more: { from?: string; to?: string } = {}): Promise<Job> =>
  exports.begin({ kind, format: 'csv', ...more }, 'ops');
const found = async ({ id }: Job): Promise<MetricExport> => {
  const file = await repository.find(id.slice('analytics.'.length));
  if (!file) throw new Error(`there is no export ${id}`);
  return file;
};
async function worked(job: Job): Promise<Job> {
  const lease = await leaseOf('one');
  await exporter.work({ lease, signal: new AbortController().signal });
  await lease.end(0);
  return jobs.read(job.id);
}
async function linesOf(job: Job): Promise<string[]> {
  const file = await found(job);
  const parts: Buffer[] = [];
  const pages = repository.pages(file);
  for await (const part of fileFormats.csv.write(exportedMetrics[file.kind], pages))
    parts.push(part);
  return Buffer.concat(parts).toString().trimEnd().split('\r\n');
}

it('continues where a replica was killed: no row is missing, and none comes twice', async () => {
  const job = await begin('windows');
  const killed = await leaseOf('killed');
  const first = await repository.readMore(killed, await found(job), new Date());
  expect([first.rows, first.finishedAt]).toEqual([2_000, null]);
  expect((await jobs.read(job.id)).state).toBe('running');
  await database.shiftClock(61_000);

  const done = await worked(job);
  expect(done).toMatchObject({ state: 'done', progress: 1, counts: { rows: count } });
  expect(done.url).toBe(`/api/v1/analytics/exports/${first.id}/file`);
  // One that is late with its page, because it only slept, changes nothing.
  await expect(repository.readMore(killed, first, new Date())).rejects.toThrow(LeaseLost);
  const [head, ...lines] = await linesOf(job);
  expect(head).toBe('visitor,startedAt,endedAt,activities,pageViews,uniquePages,purchases,spend');
  expect([lines.length, new Set(lines).size]).toEqual([count, count]);
  expect(lines[0]).toBe('session:0,2026-11-29T10:00:00.000Z,2026-11-29T10:01:00.000Z,1,1,1,0,0');
  await database.shiftClock(0);
});

it('has what began in a period', async () => {
  const job = await begin('windows', { from: start, to: '2026-11-29T10:00:10.000Z' });
  expect((await worked(job)).counts).toEqual({ rows: Math.ceil(count / 7) });
  expect((await worked(await begin('windows', { to: start }))).counts).toEqual({ rows: 0 });
});

it('leaves out customers who were erased since', async () => {
  await database.pool.query(
    `insert into window_metrics select 'customer:eve', $1, $1::timestamptz + interval '60 seconds', 1, 1, 1, 0, 0, 1`,
    [start],
  );
  const job = await begin('windows');
  await worked(job);
  expect(await linesOf(job)).toHaveLength(count + 2);
  await database.pool.query(`insert into erased_customers values ('eve')`);
  expect(await linesOf(job)).toHaveLength(count + 1);
});

it('breaks a download off when its rows are deleted meanwhile, so that nobody takes a part for the whole', async () => {
  const job = await begin('windows');
  await worked(job);
  const { id } = await found(job);
  await database.pool.query('delete from metric_export_pages where first_row >= 2000');
  await expect(linesOf(job)).rejects.toThrow(`export ${id} was deleted while it was read`);
  const download = edge.fastify.inject({
    url: `/api/v1/analytics/exports/${id}/file`,
    headers: { authorization: 'Bearer operator' },
  });
  await expect(download).rejects.toThrow('response destroyed before completion');
});

it('has sessions and the times of orders too', async () => {
  await database.pool.query(
    `insert into session_metrics (session_id, started_at, ended_at, activities, page_views, spend, pages, types, revision, entry_page)
      values ('=1+1', $1, $1, 1, 1, 0, '[]', '[]', 1, '/a,"b"')`,
    [start],
  );
  await database.pool.query(
    `insert into order_facts (order_id, customer_id, country, amount, currency, high_value, placed_at, version)
      values ('01980000-0000-7000-8000-000000000001', 'ada', 'DE', 1999, 'EUR', false, $1, 1)`,
    [start],
  );
  const [sessions, orders] = [await begin('sessions'), await begin('order_times')];
  await worked(orders);
  const at = '2026-11-29T10:00:00.000Z';
  expect((await linesOf(sessions))[1]).toBe(`'=1+1,,,${at},${at},1,1,0,"/a,""b""",`);
  expect((await linesOf(orders))[1]).toBe(
    `01980000-0000-7000-8000-000000000001,ada,DE,1999,EUR,${at},,`,
  );
});

it('is a file for operators, once it is finished', async () => {
  const job = await exports.begin({ kind: 'windows', format: 'parquet' }, 'ops');
  const { id } = await found(job);
  const read = (token = 'operator', path = id) =>
    edge.fastify.inject({
      url: `/api/v1/analytics/exports/${path}/file`,
      headers: { authorization: `Bearer ${token}` },
    });
  expect((await read()).json()).toMatchObject({ status: 409, code: 'not_finished' });
  await worked(job);
  const { headers, rawPayload } = await read();
  expect(headers['content-type']).toBe('application/vnd.apache.parquet');
  expect(headers['content-disposition']).toMatch(/filename="windows-\d{4}-\d\d-\d\d\.parquet"/);
  const rows = await parquetReadObjects({ file: new Uint8Array(rawPayload).buffer });
  expect(rows).toHaveLength(count);
  expect(rows[0]).toMatchObject({
    visitor: 'session:0',
    startedAt: new Date(start),
    activities: 1n,
  });
  expect((await read('ada')).statusCode).toBe(403);
  expect((await read('operator', 'x')).statusCode).toBe(400);
  expect((await read('operator', '01980000-0000-7000-8000-000000000001')).statusCode).toBe(404);
});
