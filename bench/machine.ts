import { randomUUID } from 'node:crypto';
import { closeSync, fdatasyncSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';

/** Microseconds of one synced write of 4 KiB; the median of 200. */
export function fsyncMicroseconds(folder: string): number {
  const path = join(folder, 'fsync-probe');
  const file = openSync(path, 'w');
  const page = Buffer.alloc(4096, 1);
  const times = Array.from({ length: 200 }, () => {
    const started = performance.now();
    writeSync(file, page, 0, page.length, 0);
    fdatasyncSync(file);
    return performance.now() - started;
  });
  closeSync(file);
  rmSync(path);
  return Math.round((times.sort((a, b) => a - b)[100] ?? 0) * 1000);
}

const schema = `
  create table naive_inbox (id uuid primary key);
  create table naive_events (stream uuid not null, version int not null, data text not null, primary key (stream, version));
  create table naive_state (id uuid primary key, version int not null, data text not null);
  create table naive_outbox (seq bigint generated always as identity primary key, body text not null)`;

const naiveStep = `
  with i as (insert into naive_inbox values ($1) returning id),
  e as (insert into naive_events select $2, 1, $3 from i),
  s as (insert into naive_state select $2, 1, $3 from i)
  insert into naive_outbox (body) select $3 from i`;

/** Commits per second of a naive saga's step, one per transaction: one prepared statement, four connections (C). */
export async function naiveStepsPerSecond(url: string, milliseconds: number): Promise<number> {
  const clients = await Promise.all(
    Array.from({ length: 4 }, async () => {
      const client = new Client({ connectionString: url });
      await client.connect();
      return client;
    }),
  );
  await clients[0]?.query(schema);
  const body = 'x'.repeat(400);
  let commits = 0;
  const end = performance.now() + milliseconds;
  await Promise.all(
    clients.map(async (client) => {
      while (performance.now() < end) {
        await client.query({
          name: 'naive',
          text: naiveStep,
          values: [randomUUID(), randomUUID(), body],
        });
        commits += 1;
      }
    }),
  );
  for (const client of clients) await client.end();
  return commits / (milliseconds / 1000);
}
