import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import { freePort } from '@waybill/embedded-postgres';
import { testServer } from '@waybill/persistence/testing';
import { Client } from 'pg';
import { compile, takeHome } from './taken-home.ts';

jest.setTimeout(180_000);

interface Enrolment {
  readonly id: string;
  readonly course: string;
  readonly status: 'requested' | 'confirmed' | 'refused';
  readonly seats: number;
  readonly invoices: number;
}

const home = mkdtempSync(join(tmpdir(), 'waybill-home-'));
const database = `home_${randomBytes(6).toString('hex')}`;
const published: string[] = [];
let app: string;
let port: number;
let running: ChildProcess | undefined;
let server: Client;

const url = () => `http://127.0.0.1:${port}/enrolments`;

async function start(): Promise<void> {
  const environment = {
    DATABASE_URL: (await testServer()).url(database),
    RABBITMQ_URL: process.env['RABBITMQ_URL'],
    PORT: String(port),
  };
  const options = { cwd: app, env: { ...process.env, ...environment, NODE_OPTIONS: '' } };
  running = spawn(process.execPath, ['dist/main.js'], options);
  running.stdout?.on('data', (text) => published.push(String(text)));
  running.stderr?.on('data', (text) => published.push(String(text)));
  await eventually(async () => {
    if (running?.exitCode !== null) throw new Error(`it ended:\n${published.join('')}`);
    return (await fetch(url()).catch(() => undefined))?.ok === true;
  });
}

async function end(signal: NodeJS.Signals): Promise<void> {
  if (!running || running.exitCode !== null || running.signalCode !== null) return;
  const gone = once(running, 'exit');
  running.kill(signal);
  await gone;
}

async function eventually(fact: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 60_000;
  while (!(await fact())) {
    if (performance.now() > deadline)
      throw new Error(`never came true: ${fact}\n${published.join('').slice(-4_000)}`);
    await pause(20);
  }
}

/** The id, when the application confirmed the request. */
async function enrol(course: string): Promise<string | undefined> {
  const answer = await fetch(url(), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ course }),
  }).catch(() => undefined);
  return answer?.ok ? ((await answer.json()) as { id: string }).id : undefined;
}
const list = async () => (await (await fetch(url())).json()) as Enrolment[];

beforeAll(async () => {
  app = takeHome('examples/outbox-in-your-app', home);
  compile(app);
  port = await freePort(0);
  server = new Client({ connectionString: (await testServer()).url('postgres') });
  await server.connect();
  await server.query(`create database ${database}`);
});
afterAll(async () => {
  await end('SIGKILL');
  await server?.query(`drop database if exists ${database} with (force)`);
  await server?.end();
  rmSync(home, { recursive: true, force: true });
});

it('an application of somebody else handles every message once, however it is killed', async () => {
  await start();
  const courses = Array.from({ length: 150 }, (_, i) => (i % 5 === 0 ? 'chess' : 'rowing'));
  const asked = courses.map((course) => enrol(course));
  await eventually(async () => (await list()).some(({ status }) => status === 'confirmed'));
  await end('SIGKILL');
  const accepted = (await Promise.all(asked)).filter((id) => id !== undefined);
  await start();
  accepted.push(
    ...(await Promise.all(['rowing', 'chess'].map((course) => enrol(course)))).map(String),
  );
  await eventually(async () => (await list()).every(({ status }) => status !== 'requested'));
  const all = await list();
  expect(all.map(({ id }) => id)).toEqual(expect.arrayContaining(accepted));
  for (const { id, course, ...rest } of all) {
    const once = { status: 'confirmed', seats: 1, invoices: 1 };
    const never = { status: 'refused', seats: 0, invoices: 0 };
    expect({ id, ...rest }).toEqual({ id, ...(course === 'rowing' ? once : never) });
  }
  await end('SIGTERM');
  expect(running?.exitCode ?? running?.signalCode).toBe('SIGTERM');
});
