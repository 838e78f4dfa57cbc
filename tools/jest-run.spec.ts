import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { root } from './repository.ts';

interface Run {
  readonly running: ReadonlySet<string>;
  readonly counts: { readonly passed: number; readonly failed: number };
  readonly ended: 'late' | 'open' | null;
  readonly gone: Promise<number | null>;
}
const { JestRun } = (await import(join(root, 'tools', 'jest-run.mjs'))) as {
  JestRun: new (args: readonly string[], options: object) => Run;
};

/** Writes its process id to a file and never ends. */
const hangs = `it('hangs', () => {
  require('node:fs').writeFileSync(__dirname + '/pid', String(process.pid));
  setInterval(() => {}, 1_000);
  return new Promise(() => {});
}, 10_000_000);`;
const passes = `it('passes', () => {});`;
const leaves = `it('leaves something open', () => { setInterval(() => {}, 1_000); });`;

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'waybill-jest-run-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function start(
  files: Readonly<Record<string, string>>,
  options: object,
  words: string[] = [],
): Run {
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  const config = JSON.stringify({ rootDir: folder, testMatch: ['**/*.spec.cjs'], transform: {} });
  const jest = join(root, 'node_modules', 'jest', 'bin', 'jest.js');
  return new JestRun([jest, '--config', config, ...words], {
    cwd: folder,
    env: process.env,
    limit: new AbortController().signal,
    ...options,
  });
}

async function until(fact: () => boolean): Promise<void> {
  const deadline = Date.now() + 20_000;
  while (!fact() && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 20));
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

it('ends by itself, with what became of its tests', async () => {
  const run = start({ 'a.spec.cjs': passes, 'b.spec.cjs': passes }, {});
  expect(await run.gone).toBe(0);
  expect([run.ended, run.counts.passed, run.running.size]).toEqual([null, 2, 0]);
});

it('ends when its time is over, names what still ran, and leaves none of its processes', async () => {
  const limit = new AbortController();
  const files = { 'a.spec.cjs': passes, 'hangs.spec.cjs': hangs };
  const run = start(files, { limit: limit.signal }, ['--maxWorkers=2']);
  const pidFile = join(folder, 'pid');
  await until(() => existsSync(pidFile) && run.counts.passed === 1);
  limit.abort();
  await run.gone;
  expect([run.ended, [...run.running]]).toEqual(['late', [join(folder, 'hangs.spec.cjs')]]);
  await until(() => !isAlive(Number(readFileSync(pidFile, 'utf8'))));
});

it('ends although a test has left something open', async () => {
  const run = start({ 'a.spec.cjs': leaves }, { openAfter: 100 });
  await run.gone;
  expect([run.ended, run.counts.passed, run.running.size]).toEqual(['open', 1, 0]);
});
