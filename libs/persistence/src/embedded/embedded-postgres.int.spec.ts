import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { Client } from 'pg';
import { endWithUs } from '../testing/test-server.ts';
import { ForeignDataFolder } from './data-folder.ts';
import { EmbeddedPostgres, type EmbeddedPostgresOptions } from './embedded-postgres.ts';
import { PortInUse } from './free-port.ts';
import { isAlive, readPostmaster } from './postmaster.ts';

let folder: string;
let dataDir: string;
const started: EmbeddedPostgres[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'waybill-embedded-'));
  // PostgreSQL runs as another user where the tests run as root.
  chmodSync(folder, 0o755);
  dataDir = join(folder, 'postgres');
  endWithUs(dataDir, folder);
});
afterEach(async () => {
  for (const postgres of started.splice(0)) await postgres.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function start(options: Partial<EmbeddedPostgresOptions> = {}): Promise<EmbeddedPostgres> {
  const postgres = await EmbeddedPostgres.start({ dataDir, durable: false, ...options });
  started.push(postgres);
  return postgres;
}

async function query(postgres: EmbeddedPostgres, text: string): Promise<unknown[]> {
  const client = new Client({ connectionString: postgres.url('shop') });
  await client.connect();
  try {
    return (await client.query(text)).rows;
  } finally {
    await client.end();
  }
}

it('starts on an empty folder, and keeps its data over a restart', async () => {
  const first = await start();
  await first.ensureDatabase('shop');
  await first.ensureDatabase('shop');
  await query(first, 'create table kept as select 42 as answer');
  await first.stop();
  await first.ended;
  const second = await start();
  await second.ensureDatabase('shop');
  expect(await query(second, 'select answer from kept')).toEqual([{ answer: 42 }]);
}, 30_000);

it('ends by itself when it is abandoned, and the next start recovers', async () => {
  const first = await start({ durable: true });
  await first.ensureDatabase('shop');
  await query(first, 'create table kept as select 42 as answer');
  first.abandon();
  await first.ended;
  first.abandon();
  expect(await query(await start({ durable: true }), 'select answer from kept')).toEqual([
    { answer: 42 },
  ]);
}, 30_000);

it('waits for the disk at every commit unless it is told otherwise', async () => {
  const postgres = await start({ durable: true });
  await postgres.ensureDatabase('shop');
  expect(await query(postgres, 'show fsync')).toEqual([{ fsync: 'on' }]);
  expect(await query(postgres, 'show synchronous_commit')).toEqual([{ synchronous_commit: 'on' }]);
}, 30_000);

it('takes over a server whose parent was killed', async () => {
  const first = await start();
  await first.ensureDatabase('shop');
  const second = await start();
  expect(second.pid).toBe(first.pid);
  expect(await query(second, 'select 1 as one')).toEqual([{ one: 1 }]);
  await second.stop();
  await second.ended;
  expect(isAlive(first.pid)).toBe(false);
}, 30_000);

it('replaces an orphan that listens on another port than the one wanted', async () => {
  const first = await start();
  await first.ensureDatabase('shop');
  const port = await unusedPort();
  const second = await start({ port });
  expect(second.pid).not.toBe(first.pid);
  expect(second.port).toBe(port);
  expect(await query(second, 'select 1 as one')).toEqual([{ one: 1 }]);
}, 30_000);

it('starts again after the server itself was killed, and after a stranger got its process id', async () => {
  const first = await start();
  await first.ensureDatabase('shop');
  process.kill(first.pid, 'SIGKILL');
  await first.ended;
  const stranger = sleeper();
  writeFileSync(
    join(dataDir, 'postmaster.pid'),
    `${stranger.pid}\n${dataDir}\n1\n${first.port}\n\n127.0.0.1\n\nready\n`,
  );
  const second = await start();
  expect(await query(second, 'select 1 as one')).toEqual([{ one: 1 }]);
  expect(isAlive(stranger.pid as number)).toBe(true);
  expect(readPostmaster(dataDir)?.pid).toBe(second.pid);
  stranger.kill('SIGKILL');
}, 30_000);

it('refuses a folder that another version of PostgreSQL made', async () => {
  await (await start()).stop();
  writeFileSync(join(dataDir, 'PG_VERSION'), '15\n');
  await expect(start()).rejects.toThrow(ForeignDataFolder);
}, 30_000);

it('says so when another program has the port', async () => {
  const port = await unusedPort();
  const server = createServer().listen(port, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  await expect(start({ port })).rejects.toThrow(PortInUse);
  await new Promise((resolve) => server.close(resolve));
}, 30_000);

function sleeper(): ChildProcess {
  return spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
}

function unusedPort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}
