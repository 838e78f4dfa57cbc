import { type ChildProcess, spawn } from 'node:child_process';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { recordOf } from '@waybill/local-files';
import { Client } from 'pg';
import { ForeignDataFolder } from './data-folder.ts';
import { EmbeddedPostgres, type EmbeddedPostgresOptions } from './embedded-postgres.ts';
import { PortInUse } from './free-port.ts';
import { readPostmaster } from './postmaster.ts';
import { endWithUs } from './testing/end-with-us.ts';
import { eventually } from './testing/eventually.ts';

let folder: string;
let dataDir: string;
const started: EmbeddedPostgres[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'waybill-embedded-'));
  // PostgreSQL runs as another user when the tests run as root.
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

it('starts in a folder that only we may enter, and again when others may', async () => {
  chmodSync(folder, 0o700);
  const first = await start();
  await first.ensureDatabase('shop');
  await query(first, 'create table kept as select 42 as answer');
  await first.stop();
  await first.ended;
  chmodSync(folder, 0o755);
  expect(await query(await start(), 'select answer from kept')).toEqual([{ answer: 42 }]);
}, 30_000);

it('waits for the disk at every commit unless it is told otherwise', async () => {
  const postgres = await start({ durable: true });
  await postgres.ensureDatabase('shop');
  expect(await query(postgres, 'show fsync')).toEqual([{ fsync: 'on' }]);
  expect(await query(postgres, 'show synchronous_commit')).toEqual([{ synchronous_commit: 'on' }]);
}, 30_000);

it('keeps every commit when it is killed, also where nothing waits for the disk', async () => {
  const first = await start();
  await first.ensureDatabase('shop');
  expect(await query(first, 'show fsync')).toEqual([{ fsync: 'off' }]);
  expect(await query(first, 'show full_page_writes')).toEqual([{ full_page_writes: 'on' }]);
  await query(first, 'create table kept as select 42 as answer');
  process.kill(first.pid, 'SIGKILL');
  await first.ended;
  expect(await query(await start(), 'select answer from kept')).toEqual([{ answer: 42 }]);
}, 30_000);

it('takes over a server whose parent was killed', async () => {
  const first = await start();
  await first.ensureDatabase('shop');
  const second = await start();
  expect(second.pid).toBe(first.pid);
  expect(await query(second, 'select 1 as one')).toEqual([{ one: 1 }]);
  await second.stop();
  await second.ended;
  expect(recordOf('first', first.pid)).toBeUndefined();
}, 30_000);

it('takes over a server that was started by another path to its folder', async () => {
  symlinkSync(folder, `${folder}-link`);
  const first = await start({ dataDir: join(`${folder}-link`, 'postgres') });
  rmSync(`${folder}-link`);
  expect(first.dataDir).toBe(dataDir);
  expect((await start()).pid).toBe(first.pid);
  // Like a server started through the link by an older release, or whose folder was moved.
  renameSync(folder, `${folder}-moved`);
  expect((await start({ dataDir: join(`${folder}-moved`, 'postgres') })).pid).toBe(first.pid);
  renameSync(`${folder}-moved`, folder);
}, 30_000);

it('waits for a server that only begins, and leaves its file alone', async () => {
  const first = await start();
  const file = join(dataDir, 'postmaster.pid');
  const text = readFileSync(file, 'utf8');
  writeFileSync(file, '');
  const beginning = start();
  const log = join(dataDir, 'waybill.log');
  await eventually(() => readFileSync(log, 'utf8').includes('is empty'));
  writeFileSync(file, text);
  expect((await beginning).pid).toBe(first.pid);
  writeFileSync(file, text.replace('ready   ', 'starting'));
  const second = start();
  setImmediate(() => writeFileSync(file, text));
  expect((await second).pid).toBe(first.pid);
}, 60_000);

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
  expect(recordOf('stranger', stranger.pid as number)).toBeDefined();
  expect(readPostmaster(dataDir)?.pid).toBe(second.pid);
  stranger.kill('SIGKILL');
}, 30_000);

it('starts where a power cut left an empty postmaster.pid', async () => {
  const first = await start();
  await first.stop();
  await first.ended;
  writeFileSync(join(dataDir, 'postmaster.pid'), '');
  expect(readPostmaster((await start()).dataDir)?.state).toBe('ready');
}, 30_000);

it('refuses a folder that another version of PostgreSQL made, or that is damaged, and says what to do', async () => {
  await (await start()).stop();
  const version = join(dataDir, 'PG_VERSION');
  writeFileSync(version, '15\n');
  await expect(start()).rejects.toThrow(ForeignDataFolder);
  for (const [text, says] of [
    ['', 'is empty'],
    ['\0\0\0', 'is damaged'],
    ['soon', 'is damaged (it names no version of PostgreSQL)'],
  ] as const) {
    writeFileSync(version, text);
    await expect(start()).rejects.toThrow(`${version} ${says}`);
  }
  writeFileSync(version, '18\n');
  writeFileSync(join(dataDir, 'waybill.password'), '');
  await expect(start()).rejects.toThrow(`${join(dataDir, 'waybill.password')} is empty: restore`);
  writeFileSync(join(dataDir, 'waybill.password'), 'of-somebody-else\n');
  await expect(start()).rejects.toThrow(
    `${join(dataDir, 'waybill.password')} holds another password than the cluster has: restore`,
  );
  expect(readPostmaster(dataDir)).toBeUndefined();
  mkdirSync(join(dataDir, 'postmaster.pid'));
  await expect(start()).rejects.toThrow(`${join(dataDir, 'postmaster.pid')} cannot be read`);
  rmSync(join(dataDir, 'postmaster.pid'), { recursive: true });
  rmSync(join(dataDir, 'waybill.password'));
  await expect(start()).rejects.toThrow('waybill.password is missing');
  rmSync(version);
  await expect(start()).rejects.toThrow(`${dataDir} is not empty and has no file PG_VERSION`);
}, 30_000);

it('begins again where a start was killed, and leaves nothing of that', async () => {
  mkdirSync(dataDir);
  mkdirSync(`${dataDir}.new-0123456789ab`);
  for (const name of ['postgres.new-0123456789ab.password', '.password-0123456789ab']) {
    writeFileSync(join(folder, name), 'secret');
  }
  await start();
  expect(readdirSync(folder)).toEqual(['postgres']);
}, 30_000);

it('says so when another program has the port', async () => {
  const port = await unusedPort();
  const server = createServer().listen(port, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  await expect(start({ port })).rejects.toThrow(PortInUse);
  await new Promise((resolve) => server.close(resolve));
}, 30_000);

it('tells those who make databases when it ends meanwhile, and breaks nobody else', async () => {
  for (let round = 0; round < 5; round += 1) {
    const postgres = await start();
    const making = Array.from({ length: 12 }, (_, at) =>
      postgres.ensureDatabase(`d${round}_${at}`),
    );
    const [first, ...others] = making.map((each) => each.then(() => 'made', String));
    await first;
    await postgres.stop();
    for (const outcome of await Promise.all(others)) {
      expect(outcome).toMatch(/^made$|administrator command|terminated|ECONNRE|shutting down/);
    }
  }
}, 60_000);

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
