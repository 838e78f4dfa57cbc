import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { whileLocked } from './folder-lock.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'waybill-lock-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

it('lets one change a stack at a time', async () => {
  const order: string[] = [];
  let release = (): void => {};
  let first: Promise<void> | undefined;
  await new Promise<void>((begins) => {
    first = whileLocked(folder, async () => {
      order.push('first begins');
      begins();
      await new Promise<void>((resolve) => {
        release = resolve;
      });
      order.push('first ends');
    });
  });
  const second = whileLocked(folder, async () => order.push('second'));
  release();
  await Promise.all([first, second]);
  expect(order).toEqual(['first begins', 'first ends', 'second']);
  expect(existsSync(join(folder, 'lock'))).toBe(false);
});

it.each(['', '{"name":"stack","pid":4194305,"began":"1"}'])(
  'takes over a lock that nobody holds: "%s"',
  async (text) => {
    writeFileSync(join(folder, 'lock'), text);
    expect(await whileLocked(folder, async () => 'done')).toBe('done');
  },
);

it('is free again after work that failed', async () => {
  const failing = whileLocked(folder, () => Promise.reject(new Error('no')));
  await expect(failing).rejects.toThrow('no');
  expect(await whileLocked(folder, async () => 'done')).toBe('done');
});
