import { type ChildProcess, spawn } from 'node:child_process';
import process from 'node:process';
import { afterEach, expect, it } from '@jest/globals';
import { end, isRunning, type ProcessRecord, recordOf, signalTo } from './process-record.ts';

const children: ChildProcess[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

/** Runs a script that prints `ready` when it is set up. */
async function run(script: string): Promise<{ record: ProcessRecord; ended: Promise<unknown> }> {
  const child = spawn(process.execPath, ['-e', `${script};console.log('ready')`], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  children.push(child);
  const ended = new Promise((resolve) =>
    child.once('exit', (code, signal) => resolve(signal ?? code)),
  );
  await new Promise((resolve) => child.stdout.once('data', resolve));
  return { record: recordOf('main', child.pid as number) as ProcessRecord, ended };
}

const obedient = "process.on('SIGTERM', () => process.exit(3)); setInterval(() => {}, 1000)";
const stubborn = "process.on('SIGTERM', () => {}); setInterval(() => {}, 1000)";

it('knows a process as long as it runs', async () => {
  const { record, ended } = await run(obedient);
  expect(isRunning(record)).toBe(true);
  await end(record, [['SIGTERM', 5_000]]);
  expect(isRunning(record)).toBe(false);
  expect(await ended).toBe(3);
  await end(record, [['SIGTERM', 5_000]]);
});

it('leaves a stranger alone who got the process id of one that has ended', async () => {
  const { record } = await run(obedient);
  const stale = { ...record, began: 'long ago' };
  expect(isRunning(stale)).toBe(false);
  signalTo(stale, 'SIGKILL');
  await end(stale, [['SIGKILL', 1_000]]);
  expect(isRunning(record)).toBe(true);
});

it('becomes less gentle with a process that does not end', async () => {
  const { record, ended } = await run(stubborn);
  await expect(end(record, [['SIGTERM', 50]])).rejects.toThrow(
    `(process ${record.pid}) does not end`,
  );
  await end(record, [
    ['SIGTERM', 50],
    ['SIGKILL', 5_000],
  ]);
  expect(await ended).toBe('SIGKILL');
});

it('ends a frozen process gently', async () => {
  const { record, ended } = await run(obedient);
  signalTo(record, 'SIGSTOP');
  await end(record, [['SIGTERM', 5_000]]);
  expect(await ended).toBe(3);
});

it('has no record of a process that is not there', () => {
  expect(recordOf('main', 0)).toBeUndefined();
  expect(recordOf('main', Number.NaN)).toBeUndefined();
  expect(recordOf('main', 4_194_305)).toBeUndefined();
});
