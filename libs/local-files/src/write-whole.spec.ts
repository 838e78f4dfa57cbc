import { spawnSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { makeFolder, moveWhole, removeDrafts, writeWhole, writeWholeSync } from './write-whole.ts';

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'waybill-whole-'));
  file = join(folder, 'file');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe.each([
  ['at once', async (...all: Parameters<typeof writeWholeSync>) => writeWholeSync(...all)],
  ['while others work', writeWhole],
])('a file that is written whole, %s', (_, write) => {
  it('is there with its content and mode, and nothing beside it', async () => {
    expect(await write(file, 'one', { mode: 0o600 })).toBe(true);
    expect(await write(file, Buffer.from('two'), { mode: 0o600 })).toBe(true);
    expect(readFileSync(file, 'utf8')).toBe('two');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readdirSync(folder)).toEqual(['file']);
  });

  it('is another file than before, so that a reader has the old one or the new one', async () => {
    await write(file, 'one');
    const before = statSync(file).ino;
    await write(file, 'two');
    expect(statSync(file).ino).not.toBe(before);
  });

  it('is that of the first writer, where it is not to be replaced', async () => {
    const texts = ['one', 'two', 'three'];
    const written = await Promise.all(texts.map((text) => write(file, text, { replace: false })));
    expect(written.filter(Boolean)).toHaveLength(1);
    expect(readFileSync(file, 'utf8')).toBe(texts[written.indexOf(true)]);
    expect(readdirSync(folder)).toEqual(['file']);
  });

  it('is not there at all where it cannot be written', async () => {
    mkdirSync(file);
    writeFileSync(join(file, 'x'), '');
    await expect(write(file, 'one')).rejects.toThrow(file);
    await expect(write(join(folder, 'none', 'file'), 'one')).rejects.toThrow('ENOENT');
    expect(readdirSync(folder)).toEqual(['file']);
  });
});

it('leaves what it replaces as it is when its writer is killed, and the next one removes the draft', () => {
  writeFileSync(file, 'old');
  const script = `
    import { writeWholeSync } from '@waybill/local-files';
    import fs from 'node:fs';
    import { syncBuiltinESMExports } from 'node:module';
    fs.renameSync = () => process.kill(process.pid, 'SIGKILL');
    syncBuiltinESMExports();
    writeWholeSync(${JSON.stringify(file)}, 'new');`;
  const { signal } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
    cwd: import.meta.dirname,
  });
  expect(signal).toBe('SIGKILL');
  expect(readFileSync(file, 'utf8')).toBe('old');
  writeFileSync(join(folder, 'notes.draft'), '');
  expect(readdirSync(folder)).toHaveLength(3);
  removeDrafts(folder);
  expect(readdirSync(folder).sort()).toEqual(['file', 'notes.draft']);
  removeDrafts(join(folder, 'none'));
});

it('moves a folder to its place with all that is in it', () => {
  mkdirSync(join(folder, 'made', 'below'), { recursive: true });
  writeFileSync(join(folder, 'made', 'below', 'x'), 'x');
  moveWhole(join(folder, 'made'), join(folder, 'place'));
  expect(readFileSync(join(folder, 'place', 'below', 'x'), 'utf8')).toBe('x');
  expect(readdirSync(folder)).toEqual(['place']);
});

it('makes folders with their parents, and says where none can be', () => {
  makeFolder(join(folder, 'a', 'b'), 0o700);
  makeFolder(join(folder, 'a', 'b'));
  expect(statSync(join(folder, 'a', 'b')).mode & 0o777).toBe(0o700);
  writeFileSync(file, '');
  expect(() => makeFolder(join(file, 'x'))).toThrow(/ENOTDIR|EEXIST/);
  expect(() => makeFolder('/proc/nope/deeper')).toThrow('/proc/nope');
});
