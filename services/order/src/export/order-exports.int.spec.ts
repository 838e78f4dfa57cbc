import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { embeddedBroker } from '@waybill/embedded-broker';
import { until } from '@waybill/messaging/testing';
import type { ExportRequest, Job, RunningService } from '@waybill/service';
import { type TestDatabase, testDatabase } from '@waybill/testing';
import { parse } from 'csv-parse/sync';
import { parquetReadObjects } from 'hyparquet';
import { orderStorage } from '../storage/order.storage.ts';
import { AnsweringNeighbours } from '../testing/answering-neighbours.ts';
import { address } from '../testing/order.fixtures.ts';
import { startOrders } from '../testing/order-service.ts';

const broker = embeddedBroker();
const neighbours = new AnsweringNeighbours(broker);
let database: TestDatabase;
let service: RunningService;
const orders: { id: string; total: { amount: number } }[] = [];
const formula = '=HYPERLINK("https://example.org")';

const started = () => startOrders(broker, database, { JOBS_EVERY: '50ms' });
const headers = (as = 'ops') => ({ authorization: `Bearer ${as}` });
const get = (url: string, as = 'ops') => service.app.inject({ url, headers: headers(as) });
type Wanted = Omit<ExportRequest, 'kind'>;
const begin = (wanted: Wanted): Promise<Job> =>
  service.operations.exports.begin({ kind: 'orders', ...wanted }, 'ops');

async function finished(wanted: Wanted): Promise<Job> {
  const { id } = await begin(wanted);
  for (;;) {
    const job = await service.operations.jobs.read(id);
    if (job.state === 'done') return job;
  }
}
const rowsOf = async (wanted: Wanted, query = '') => {
  const { url } = await finished(wanted);
  return get(`${url}${query}`);
};

const recordsOf = (csv: string): Record<string, string>[] => parse(csv, { columns: true });

const place = (quantity: number) =>
  service.app.inject({
    method: 'POST',
    url: '/api/v1/orders',
    headers: headers('ada'),
    payload: {
      lines: [{ sku: 'LAPTOP-13', quantity }],
      shippingAddress: address,
      shippingMethod: 'standard',
      payment: { method: 'card', token: 'tok_visa' },
      note: formula,
    },
  });

beforeAll(async () => {
  database = await testDatabase(orderStorage);
  await neighbours.start();
  await neighbours.openCatalogue();
  service = await started();
  for (let quantity = 1; quantity <= 3; quantity += 1) {
    await until(async () => {
      const placed = await place(quantity);
      if (placed.statusCode === 202) orders.push(placed.json());
      return placed.statusCode === 202;
    });
  }
}, 120_000);
afterAll(async () => {
  await service?.close();
  await broker.close();
  await database?.close();
});

it('has a row for each line of an order, in CSV and in Parquet alike', async () => {
  const csv = await rowsOf({ format: 'csv' });
  expect(csv.headers).toMatchObject({ 'content-type': 'text/csv; charset=utf-8' });
  expect(csv.headers['content-disposition']).toMatch(/filename="orders-\d{4}-\d\d-\d\d\.csv"/);
  const rows = recordsOf(csv.body);
  expect(rows.map(({ orderId }) => orderId).sort()).toEqual(orders.map(({ id }) => id).sort());

  const parquet = await rowsOf({ format: 'parquet' });
  expect(parquet.headers['content-type']).toBe('application/vnd.apache.parquet');
  const bytes = parquet.rawPayload;
  const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length) as ArrayBuffer;
  const read = await parquetReadObjects({ file });
  expect(read.map(({ orderId, total }) => [orderId, total])).toEqual(
    rows.map(({ orderId, total }) => [orderId, BigInt(total ?? 0)]),
  );
  expect(read[0]?.['placedAt']).toEqual(new Date(rows[0]?.['placedAt'] ?? ''));
});

it('masks personal data, unless there is a reason, and never writes a formula', async () => {
  const [masked] = recordsOf((await rowsOf({ format: 'csv' })).body);
  expect(masked?.['recipient']).not.toContain(address.name);
  expect([masked?.['country'], masked?.['note']]).toEqual([address.country, '***']);
  const plain = await rowsOf({ format: 'csv' }, '?reason=asked+by+the+customer');
  const [row] = recordsOf(plain.body);
  expect(row).toMatchObject({ recipient: address.name, city: address.city, note: `'${formula}` });
});

it('has the orders of its time, and no later ones', async () => {
  const { body } = await rowsOf({ format: 'csv', to: '2020-01-01T00:00:00Z' });
  expect(recordsOf(body)).toEqual([]);
  const later = await rowsOf({ format: 'csv', from: '2020-01-01T00:00:00Z' });
  expect(recordsOf(later.body)).toHaveLength(3);
});

it('breaks a download off when its orders are deleted meanwhile, so that nobody takes a part for the whole', async () => {
  const { url, id } = await finished({ format: 'csv' });
  await database.pool.query(`delete from order_export_pages where 'order.' || export_id = $1`, [
    id,
  ]);
  await expect(get(`${url}`)).rejects.toThrow('response destroyed before completion');
});

it('continues where its replica was stopped', async () => {
  const { id } = await finished({ format: 'csv' });
  await service.close();
  await database.pool.query(
    `update order_export_pages set (last_order_id, orders) = (
      select (orders::jsonb -> 0 ->> 'id')::uuid, jsonb_build_array(orders::jsonb -> 0)::text
    ) where 'order.' || export_id = $1`,
    [id],
  );
  await database.pool.query(
    `update order_exports set finished_at = null, orders = 1, last_order_id = (
      select id from orders order by id limit 1) where 'order.' || id = $1`,
    [id],
  );
  service = await started();
  const early = await get(`/api/v1/exports/${id.slice('order.'.length)}/file`);
  expect([200, 409]).toContain(early.statusCode);
  for (;;) {
    const { state, counts } = await service.operations.jobs.read(id);
    if (state !== 'done') continue;
    expect(counts).toEqual({ orders: 3 });
    break;
  }
  const { body } = await get(`/api/v1/exports/${id.slice('order.'.length)}/file`);
  expect(recordsOf(body).map(({ orderId }) => orderId)).toEqual(
    orders.map((each) => each.id).sort(),
  );
});

it('is for operators', async () => {
  const none = '/api/v1/exports/01980000-0000-7000-8000-000000000001/file';
  expect((await get(none)).statusCode).toBe(404);
  expect((await get(none, 'ada')).statusCode).toBe(403);
});
