import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { embeddedBroker } from '@waybill/embedded-broker';
import { oneBroker } from '@waybill/messaging';
import type { Job, RunningService } from '@waybill/service';
import { startService } from '@waybill/service';
import { type TestDatabase, testDatabase } from '@waybill/testing';
import { parse } from 'csv-parse/sync';
import { InventoryModule } from '../inventory.module.ts';
import { inventoryInvariants } from '../storage/inventory.invariants.ts';
import { inventoryStorage } from '../storage/inventory.storage.ts';

let database: TestDatabase;
const broker = embeddedBroker();
const replicas: RunningService[] = [];
const headers = { authorization: 'Bearer ops', 'content-type': 'text/csv' };

const started = async (): Promise<RunningService> => {
  const replica = await startService(InventoryModule, {
    env: { DATABASE_URL: database.url, LOG_LEVEL: 'error', JOBS_EVERY: '50ms' },
    brokers: oneBroker(broker),
    migrate: true,
    seed: true,
    listen: null,
    tokenVerifier: {
      verify: (token) => ({ id: token, roles: ['operator'], name: token, email: '' }),
    },
  });
  replicas.push(replica);
  return replica;
};

beforeAll(async () => {
  database = await testDatabase(inventoryStorage);
  await started();
}, 60_000);
afterAll(async () => {
  for (const replica of replicas) await replica.close();
  await broker.close();
  await database?.close();
});

const service = () => replicas[0] as RunningService;
const upload = async (payload: string) => {
  const request = { method: 'POST', url: '/api/v1/inventory/import', headers, payload } as const;
  return service().app.inject(request);
};
const imported = async (file: string): Promise<Job> => done((await upload(file)).json<Job>());

/** The job once it is done. */
async function done({ id }: Job): Promise<Job> {
  for (;;) {
    const job = await service().operations.jobs.read(id);
    if (job.state === 'done') return job;
  }
}
const receivedOf = async (sku: string): Promise<number> =>
  (await service().app.inject({ url: `/api/v1/inventory/${sku}`, headers })).json().received;

const head = 'reference,sku,warehouse,quantity\n';
const linesOf = (count: number, from = 0): string =>
  Array.from({ length: count }, (_, i) => `L-${from + i},LAPTOP-13,MAIN,2\n`).join('');

it('takes a file in, and changes nothing when it comes again, or overlaps another', async () => {
  const before = await receivedOf('LAPTOP-13');
  const first = await imported(`\ufeff${head}${linesOf(1_300)}`);
  expect(first).toMatchObject({
    kind: 'import-stock',
    progress: 1,
    counts: { received: 1_300, alreadyReceived: 0, refused: 0 },
  });
  const again = await imported(head + linesOf(1_300));
  expect(again.counts).toEqual({ received: 0, alreadyReceived: 1_300, refused: 0 });
  const more = await imported(head + linesOf(1_000, 1_000));
  expect(more.counts).toEqual({ received: 700, alreadyReceived: 300, refused: 0 });

  expect(await receivedOf('LAPTOP-13')).toBe(before + 2 * 2_000);
  expect(await inventoryInvariants(service().dataSource)).toEqual([]);
});

it('is done by several replicas with the same result as by one', async () => {
  const before = await receivedOf('LAPTOP-13');
  await started();
  const job = await imported(head + linesOf(6_000, 10_000));
  expect(job.counts['received']).toBe(6_000);
  expect(await receivedOf('LAPTOP-13')).toBe(before + 12_000);
});

it('reports on each line, at the URL of its job', async () => {
  const job = await imported(`${head}R,NONE,MAIN,1\nR,LAPTOP-13,MAIN,x\n\nR,LAPTOP-13,MAIN,1\n`);
  const { headers: told, body } = await service().app.inject({ url: job.url ?? '', headers });
  expect(told['content-type']).toBe('text/csv; charset=utf-8');
  expect(told['content-disposition']).toMatch(/^attachment; filename="import-[0-9a-f-]+\.csv"$/);
  expect(parse(body, { columns: true })).toEqual([
    { line: '2', outcome: 'refused', reference: 'R', field: 'sku', rule: expect.any(String) },
    { line: '3', outcome: 'refused', reference: 'R', field: 'quantity', rule: expect.any(String) },
    { line: '5', outcome: 'received', reference: 'R', field: '', rule: '' },
  ]);
});

it('answers with the job that runs when the same file comes twice at once', async () => {
  const file = head + linesOf(3_000, 100_000);
  const answers = await Promise.all([upload(file), upload(file), upload(file)]);
  const jobs = answers.map((answer) => answer.json<Job>());
  expect(new Set(jobs.map(({ id }) => id)).size).toBe(1);
  expect(answers[0]?.headers['location']).toBe(`/api/v1/jobs/${jobs[0]?.id}`);
  for (const job of jobs) expect((await done(job)).counts['received']).toBe(3_000);
});

it.each([
  ['', 'lacks the column reference, sku, warehouse, quantity'],
  ['a,b\n1,2\n', 'lacks the column reference, sku, warehouse, quantity'],
  ['reference,sku,warehouse,quantity,price\n', 'has columns besides'],
  ['"reference,sku\n', 'breaks RFC 4180'],
  ['x'.repeat(5_000), 'is longer than 4096 bytes'],
])('refuses a file with the header %j, and keeps nothing of it', async (file, rule) => {
  const answer = await upload(file);
  expect([answer.statusCode, answer.json().code]).toEqual([422, 'invalid_header']);
  expect(answer.json().errors[0].message).toContain(rule);
  const kept = await database.pool.query('select from stock_import_pieces');
  expect(kept.rowCount).toBe(0);
});

it('takes no other media type', async () => {
  const request = { method: 'POST', url: '/api/v1/inventory/import', payload: '{}' } as const;
  for (const type of ['application/json', 'text/plain', 'text/csvx']) {
    const told = { ...headers, 'content-type': type };
    const answer = await service().app.inject({ ...request, headers: told });
    expect([type, answer.statusCode]).toEqual([type, 415]);
  }
  const elsewhere = {
    method: 'POST',
    url: '/api/v1/inventory/LAPTOP-13/restock',
    headers,
  } as const;
  expect((await service().app.inject({ ...elsewhere, payload: 'x' })).statusCode).toBe(415);
});
