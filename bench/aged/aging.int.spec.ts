import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { EmbeddedPostgres } from '@waybill/embedded-postgres';
import { Client } from 'pg';
import { Aging } from './aging.ts';

let folder: string;
let postgres: EmbeddedPostgres;
let databases: { order: string; payment: string };

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'waybill-aging-'));
  // When the tests run as root, PostgreSQL runs as another user.
  chmodSync(folder, 0o755);
  postgres = await EmbeddedPostgres.start({ dataDir: join(folder, 'postgres') });
  for (const name of ['order', 'payment']) await postgres.ensureDatabase(name);
  databases = { order: postgres.url('order'), payment: postgres.url('payment') };
});
afterAll(async () => {
  await postgres.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function run<R extends object>(url: string, ...statements: string[]): Promise<R[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    let rows: R[] = [];
    for (const statement of statements) rows = (await client.query<R>(statement)).rows;
    return rows;
  } finally {
    await client.end();
  }
}

const ids = ['01a2240d-0000-7000-8000-000000000001', '01a2240d-0000-7000-8000-000000000002'];

it('makes many finished orders of a few, whose parts still belong together, and hides them', async () => {
  await run(
    databases.order,
    'create table orders (id uuid primary key, number text unique, at timestamptz, big boolean generated always as (true) stored)',
    'create table facts (position bigint unique, stream uuid, version int, data jsonb, primary key (stream, version))',
    'create table pages (page bigint generated always as identity primary key, keys int[], body text)',
    'create table counters (name text primary key, n int)',
    'create view told as select id, number from orders',
    "insert into counters values ('orders', 0)",
  );
  await run(databases.payment, 'create table payments (id text primary key, amount int)');

  const aging = await Aging.of(databases);
  const mark = await aging.mark();
  for (const [i, id] of ids.entries()) {
    await run(
      databases.order,
      `insert into orders values ('${id}', 'W-${i}', now())`,
      `insert into facts values (${i + 1}, '${id}', 1, '{"order": "${id}"}')`,
      `update counters set n = n + 1`,
    );
    await run(databases.payment, `insert into payments values ('${id}:pay', 5)`);
  }
  await run(databases.order, `insert into pages (keys, body) values ('{1,2}', 'both')`);
  const published: string[] = [];
  await aging.fill(mark, ids.length, 10, (line) => published.push(line));

  const orders = await run<{ id: string }>(databases.order, 'select id::text from orders');
  const known = new Set(orders.map(({ id }) => id));
  expect(known.size).toBe(12);
  const facts = await run<{ stream: string; order: string; position: string }>(
    databases.order,
    `select stream::text, data->>'order' "order", position from facts order by position`,
  );
  expect(facts.filter(({ stream, order }) => stream === order && known.has(stream))).toHaveLength(
    12,
  );
  expect(facts.map(({ position }) => Number(position))).toEqual(
    Array.from({ length: 12 }, (_, i) => i - 9),
  );
  const payments = await run<{ id: string }>(databases.payment, 'select id from payments');
  expect(payments.filter(({ id }) => known.has(id.replace(':pay', '')))).toHaveLength(12);
  expect(await run(databases.order, 'select n from counters')).toEqual([{ n: 2 }]);
  expect(await run(databases.order, 'select count(*)::int n from pages')).toEqual([{ n: 6 }]);
  expect(await run(databases.order, 'show full_page_writes')).toEqual([{ full_page_writes: 'on' }]);
  expect(published).toContain('vacuum and analyze');

  const recent = await aging.withoutCopies<typeof databases>();
  expect(await run(recent.order, 'select id::text from told order by id')).toEqual(
    ids.map((id) => ({ id })),
  );
  expect(await run(recent.payment, 'select count(*)::int n from payments')).toEqual([{ n: 2 }]);
  expect(await run(recent.order, 'select n from counters')).toEqual([{ n: 2 }]);
}, 60_000);
