import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { FolderInUse, FolderLock } from './folder-lock.ts';
import { recordOf } from './process-record.ts';

let folder: string;
const children: ChildProcess[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'waybill-lock-'));
});
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

const lock = (): string => join(folder, 'lock');
const take = (patience = 0): Promise<FolderLock> =>
  FolderLock.take(folder, { owner: patience, claimants: patience });

/** A program that does nothing until it is killed. */
function idle(): ChildProcess & { readonly pid: number } {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
  children.push(child);
  return child as ChildProcess & { pid: number };
}

const note = ({ pid }: { pid: number }, began = recordOf('x', pid)?.began): void =>
  writeFileSync(lock(), `${pid}\n${began}\n`);

describe('the lock of a folder', () => {
  it('names its process, and is gone when that lets go', async () => {
    const held = await take();
    const me = recordOf('me', process.pid);
    expect(readFileSync(lock(), 'utf8')).toBe(`${process.pid}\n${me?.began}\n`);
    expect(held.isHeld).toBe(true);
    held.release();
    expect(readdirSync(folder)).toEqual([]);
    expect(held.isHeld).toBe(false);
  });

  it('is refused while its process runs, with the name of that', async () => {
    const owner = idle();
    note(owner);
    await expect(take()).rejects.toThrow(new FolderInUse(folder, owner.pid));
    note(owner, '');
    await expect(take()).rejects.toThrow(`${folder} is in use by process ${owner.pid}`);
    expect(readdirSync(folder)).toEqual(['lock']);
  });

  it('is refused to the same process too', async () => {
    const held = await take();
    await expect(take()).rejects.toThrow(FolderInUse);
    held.release();
    (await take()).release();
  });

  it('waits for a process that is about to end', async () => {
    const owner = idle();
    note(owner);
    const taking = take(20_000);
    owner.kill('SIGKILL');
    (await taking).release();
  });

  it.each([
    '',
    '\0\0\0\0',
    'nobody\n',
    '999999999\n1\n',
    `${process.ppid}\n1\n`,
    '-1\n\n',
    '0\n\n',
  ])('is taken over where its process has ended, or never was: %j', async (text) => {
    writeFileSync(lock(), text);
    (await take()).release();
  });

  it('is taken over from a zombie', async () => {
    const parent = spawn('/bin/sh', ['-c', 'sleep 600 & echo $!; exec sleep 600'], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    children.push(parent);
    const pid = Number(await firstLineOf(parent));
    // A shell may wait for its children; the program that replaces it with `exec` does not.
    await until(() => told(parent.pid, 'comm') === 'sleep');
    process.kill(pid, 'SIGKILL');
    await until(() => told(pid, 'state').startsWith('Z'));
    note({ pid }, '');
    (await take(20_000)).release();
    expect(told(pid, 'state')).toMatch(/^Z/);
  });

  it('is let go only by the process that has it', async () => {
    const first = await take();
    rmSync(lock());
    const owner = idle();
    note(owner);
    expect(first.isHeld).toBe(false);
    first.release();
    await expect(take()).rejects.toThrow(`process ${owner.pid}`);
  });

  it('is not taken while another process claims it, and what a claimant left is removed', async () => {
    const claimant = idle();
    const began = recordOf('x', claimant.pid)?.began;
    writeFileSync(join(folder, `lock.${claimant.pid}-${began}-1`), '');
    writeFileSync(join(folder, 'lock.999999999-1-1'), '');
    writeFileSync(join(folder, `lock.${claimant.pid}-1-1`), '');
    await expect(take()).rejects.toThrow(`process ${claimant.pid}`);
    expect(readdirSync(folder)).toEqual([`lock.${claimant.pid}-${began}-1`]);
  });
});

/** Takes the lock, reports whether it holds it, and releases it on request. */
const contender = `
  import { FolderLock } from '@waybill/local-files';
  import { createInterface } from 'node:readline';
  console.log('ready');
  for await (const line of createInterface({ input: process.stdin })) {
    const held = await FolderLock.take(line, { owner: 100, claimants: 60_000 }).catch(() => undefined);
    console.log(held ? 'has it' : 'refused');
  }`;

describe('many processes that start at the same moment', () => {
  it('let exactly one of them have the folder of one that was killed, every time', async () => {
    const processes = Array.from({ length: 8 }, () => {
      const child = spawn(process.execPath, ['--input-type=module', '-e', contender], {
        cwd: dirname(fileURLToPath(import.meta.url)),
        stdio: ['pipe', 'pipe', 'inherit'],
      });
      children.push(child);
      const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
      return { child, next: async () => (await lines.next()).value as string };
    });
    await Promise.all(processes.map(({ next }) => next()));
    for (let round = 0; round < 8; round += 1) {
      const place = mkdtempSync(join(folder, 'round-'));
      writeFileSync(join(place, 'lock'), '999999999\n1\n');
      const answers = processes.map(({ child, next }) => {
        child.stdin.write(`${place}\n`);
        return next();
      });
      expect((await Promise.all(answers)).filter((answer) => answer === 'has it')).toEqual([
        'has it',
      ]);
      expect(readdirSync(place)).toEqual(['lock']);
    }
  }, 120_000);
});

async function firstLineOf(child: ChildProcess): Promise<string> {
  const chunk = await new Promise<Buffer>((resolve) => child.stdout?.once('data', resolve));
  return chunk.toString().split('\n')[0] as string;
}

/** A field that ps reports for a process; empty when the process is gone. */
const told = (pid: number | undefined, what: 'comm' | 'state'): string =>
  spawnSync('ps', ['-p', `${pid}`, '-o', `${what}=`])
    .stdout.toString()
    .trim();

async function until(fact: () => boolean): Promise<void> {
  while (!fact()) await pause(20);
}
