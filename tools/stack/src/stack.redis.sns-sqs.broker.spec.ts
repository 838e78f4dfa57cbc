import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import process from 'node:process';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { recordOf } from '@waybill/local-files';
import { probe } from './probe.ts';
import type { ServerName } from './server-name.ts';
import { openStack, type Stack } from './stack.ts';
import { type TemporaryStack, temporaryStack } from './temporary-stack.ts';

const both: readonly ServerName[] = ['redis', 'sns-sqs'];
const freePorts = { freePorts: true };

let temporary: TemporaryStack;
let stack: Stack;
beforeEach(() => {
  temporary = temporaryStack();
  stack = temporary.stack;
});
afterEach(() => temporary.remove());

const states = async () => (await stack.status(both)).map(({ state }) => state);
const pids = async () => (await stack.status(both)).map(({ pid }) => pid as number);
const redisPort = async () => (await stack.status(['redis']))[0]?.ports['main'] as number;
const isAlive = (pid: number): boolean => recordOf('any', pid) !== undefined;

it('starts servers that answer, says where they are, and leaves nothing of them running', async () => {
  const lines: string[] = [];
  const progress = (name: string, line: string) => lines.push(`${name} ${line}`);
  expect(await stack.up(both, { ...freePorts, progress })).toEqual([]);
  expect(await states()).toEqual(['up', 'up']);
  expect(lines.some((line) => /^redis ready after \d+\.\d s$/.test(line))).toBe(true);
  const { REDIS_URL = '', AWS_ENDPOINT_URL = '' } = stack.environment();
  expect((await probe(Number(new URL(REDIS_URL).port), 'PING\r\n')).toString()).toBe('+PONG\r\n');
  expect((await fetch(`${AWS_ENDPOINT_URL}/health`)).status).toBe(200);
  const running = await pids();
  expect(await stack.down()).toEqual(both);
  expect(await states()).toEqual(['down', 'down']);
  expect(running.filter(isAlive)).toEqual([]);
  expect(await stack.down()).toEqual([]);
}, 60_000);

it('leaves nothing behind', async () => {
  const other = temporaryStack();
  await other.stack.up(both, freePorts);
  const running = (await other.stack.status(both)).map(({ pid }) => pid as number);
  expect(running.filter(isAlive)).toEqual(running);
  await other.remove();
  expect(running.filter(isAlive)).toEqual([]);
  expect(existsSync(other.stack.folder)).toBe(false);
}, 60_000);

it('takes servers as they run, also from another process', async () => {
  await stack.up(both, freePorts);
  const before = await pids();
  expect(await openStack(stack.folder).up(both)).toEqual([]);
  expect(await pids()).toEqual(before);
}, 60_000);

it('tells of a server that was killed, and starts it again on its port with its data', async () => {
  await stack.up(['redis'], freePorts);
  const port = await redisPort();
  await probe(port, 'SET kept yes\r\n');
  await probe(port, 'SAVE\r\n');
  await stack.kill('redis');
  expect((await stack.status(['redis']))[0]).toMatchObject({ state: 'crashed', pid: undefined });
  expect(await stack.up(['redis'])).toEqual([]);
  expect(await redisPort()).toBe(port);
  expect((await probe(port, 'GET kept\r\n')).toString()).toContain('yes');
}, 60_000);

it('tells of a server that is frozen, and ends it', async () => {
  await stack.up(['redis'], freePorts);
  await stack.signal('redis', 'SIGSTOP');
  expect((await stack.status(['redis']))[0]?.state).toBe('silent');
  expect(await stack.down()).toEqual(['redis']);
}, 60_000);

it('leaves a stranger alone who has the process id of a server that is gone', async () => {
  await stack.up(['redis'], freePorts);
  await stack.down();
  const file = join(stack.folder, 'redis', 'server.json');
  const record = JSON.parse(readFileSync(file, 'utf8'));
  const stale = [{ name: 'main', pid: process.pid, began: '1' }];
  writeFileSync(file, JSON.stringify({ ...record, processes: stale }));
  expect((await stack.status(['redis']))[0]?.state).toBe('crashed');
  expect(await stack.down()).toEqual([]);
}, 60_000);

it('names a port that is taken, and starts what it can', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => other.once('listening', resolve));
  const { port } = other.address() as { port: number };
  const troubles = await stack.up(both, { ...freePorts, ports: new Map([['redis', port]]) });
  other.close();
  expect(troubles).toEqual([
    { server: 'redis', reason: expect.stringContaining(`port ${port} is in use by node`) },
  ]);
  expect(await states()).toEqual(['down', 'up']);
}, 60_000);

it('begins with nothing after a reset', async () => {
  await stack.up(['redis'], freePorts);
  await probe(await redisPort(), 'SET kept yes\r\n');
  expect(await stack.reset(['redis'])).toEqual(['redis']);
  expect(existsSync(join(stack.folder, 'redis'))).toBe(false);
  await stack.up(['redis'], freePorts);
  expect((await probe(await redisPort(), 'GET kept\r\n')).toString()).toBe('$-1\r\n');
}, 60_000);

it('speaks TLS where it is asked to, by a certificate of an authority of its own', async () => {
  await stack.up(['redis'], { ...freePorts, tls: true });
  const { REDIS_URL = '', REDIS_CA_FILE = '' } = stack.environment();
  expect(REDIS_URL).toMatch(/^rediss:/);
  const answer = await probe(await redisPort(), 'PING\r\n', { ca: REDIS_CA_FILE });
  expect(answer.toString()).toBe('+PONG\r\n');
  await expect(probe(await redisPort(), 'PING\r\n')).rejects.toThrow();
  expect(await stack.up(['redis'], { tls: false })).toEqual([
    { server: 'redis', reason: expect.stringContaining('runs with TLS') },
  ]);
}, 60_000);

it('lets services into a secure Redis by name, and nobody without', async () => {
  await stack.up(['redis'], { ...freePorts, secure: true });
  const { username, password } = new URL(stack.environment('order')['REDIS_URL'] ?? '');
  const port = await redisPort();
  const as = async (...commands: string[]) =>
    (await probe(port, commands.map((each) => `${each}\r\n`).join(''))).toString();
  expect(username).toBe('order');
  expect(await as('GET waybill:x')).toMatch(/^-NOAUTH/);
  const login = `AUTH ${username} ${password}`;
  expect(await as(login)).toBe('+OK\r\n');
  expect(await as(`${login}x`)).toMatch(/^-WRONGPASS/);
  expect(await stack.up(['redis'], { secure: false })).toEqual([
    { server: 'redis', reason: expect.stringContaining('runs with users') },
  ]);
}, 60_000);
