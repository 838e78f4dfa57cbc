import { spawnSync } from 'node:child_process';
import {
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { root } from './repository.ts';

/** Programs as the build creates them; each lives until the timer that keeps its code cache has run. */
const programs = `
  const live = (line) => { process.stdout.write(line); setTimeout(() => {}, 50); };
  module.exports = {
    order: () => live('order ' + require('node:path').basename(__filename)),
    payment: () => live('payment'),
  };
`;

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'waybill-launch-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function build(name: string): string {
  const file = join(folder, `waybill-${name}.cjs`);
  writeFileSync(file, programs);
  return file;
}

function start(program: string, file: string, flags: readonly string[] = []): string {
  const launcher = JSON.stringify(pathToFileURL(join(root, 'tools', 'launch.mjs')).href);
  const source = `import { launch } from ${launcher};
    launch(${JSON.stringify(program)}, ${JSON.stringify(file)}, { after: 0 });`;
  const { stdout, stderr } = spawnSync(
    process.execPath,
    [...flags, '--input-type=module', '-e', source],
    { encoding: 'utf8', env: {} },
  );
  return stdout + stderr;
}

function flipOneBit(path: string): void {
  const bytes = readFileSync(path);
  const middle = bytes.length >> 1;
  bytes[middle] = (bytes[middle] ?? 0) ^ 1;
  writeFileSync(path, bytes);
}

const compiled = (): string[] => readdirSync(join(folder, 'compiled')).sort();
const inode = (name: string | undefined): number =>
  statSync(join(folder, 'compiled', name ?? '')).ino;

it('runs one of the programs in the file', () => {
  expect(start('order', build('one'))).toBe('order waybill-one.cjs');
  expect(start('payment', build('one'))).toBe('payment');
});

it('keeps the compiled code of each program, build and set of flags', () => {
  const one = build('one');
  start('order', one);
  start('payment', one);
  start('order', one, ['--no-flush-bytecode']);
  start('order', build('two'));
  expect(compiled()).toEqual([
    expect.stringMatching(/^order-one-\d+$/),
    expect.stringMatching(/^order-one-\d+$/),
    expect.stringMatching(/^order-two-\d+$/),
    expect.stringMatching(/^payment-one-\d+$/),
  ]);
});

it('takes at the next start what it has kept', () => {
  const file = build('one');
  start('order', file);
  const [kept] = compiled();
  const before = inode(kept);
  expect(start('order', file)).toBe('order waybill-one.cjs');
  expect([compiled(), inode(kept)]).toEqual([[kept], before]);
});

it.each<[string, (path: string) => void]>([
  ['cut short', (path) => truncateSync(path, 100)],
  ['emptied', (path) => truncateSync(path, 0)],
  ['changed in one bit', flipOneBit],
])('makes anew what was %s', (_, damage) => {
  const file = build('one');
  start('order', file);
  const [kept] = compiled();
  const before = inode(kept);
  damage(join(folder, 'compiled', kept ?? ''));
  expect(start('order', file)).toBe('order waybill-one.cjs');
  expect(compiled()).toEqual([kept]);
  expect(inode(kept)).not.toBe(before);
});

it('names the file where a power cut has emptied it', () => {
  const file = build('one');
  truncateSync(file, 0);
  expect(start('order', file)).toContain(`${file} is damaged, it has no order`);
});

it('runs where it can keep nothing', () => {
  const file = build('one');
  writeFileSync(join(folder, 'compiled'), 'in the way');
  expect(start('order', file)).toBe('order waybill-one.cjs');
  expect(readdirSync(folder).sort()).toEqual(['compiled', 'waybill-one.cjs']);
});
