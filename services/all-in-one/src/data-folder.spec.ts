import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { DataFolder } from './data-folder.ts';

let home: string;
beforeEach(() => {
  home = realpathSync(mkdtempSync(join(tmpdir(), 'waybill-folder-')));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

describe('a data folder', () => {
  it('is made with its parents, marked with its format, and locked until it is released', async () => {
    const folder = await DataFolder.open(join(home, 'a', 'b'));
    expect(readFileSync(folder.file('format'), 'utf8')).toBe('waybill-data-1\n');
    await expect(DataFolder.open(join(home, 'a', 'b'))).rejects.toThrow('is in use by process');
    folder.release();
    (await DataFolder.open(join(home, 'a', 'b'))).release();
    expect(readdirSync(folder.path)).toEqual(['format']);
  });

  it('is the same by every link to it', async () => {
    mkdirSync(join(home, 'real'));
    symlinkSync(join(home, 'real'), join(home, 'link'));
    const folder = await DataFolder.open(join(home, 'link'));
    expect(folder.path).toBe(join(home, 'real'));
    await expect(DataFolder.open(join(home, 'real'))).rejects.toThrow('is in use by process');
    folder.release();
  });

  it('is refused where no folder can be made', async () => {
    await expect(DataFolder.open('/proc/nope/deeper')).rejects.toThrow(
      'cannot create the data folder /proc/nope/deeper',
    );
    writeFileSync(join(home, 'file'), '');
    await expect(DataFolder.open(join(home, 'file', 'x'))).rejects.toThrow('cannot create');
    await expect(DataFolder.open(join(home, 'file'))).rejects.toThrow(`${home}/file is a file`);
    symlinkSync(join(home, 'nothing'), join(home, 'dangling'));
    await expect(DataFolder.open(join(home, 'dangling'))).rejects.toThrow('cannot create');
  });

  it('is refused, and left alone, when it holds data of another version', async () => {
    writeFileSync(join(home, 'format'), 'waybill-data-9\n');
    await expect(DataFolder.open(home)).rejects.toThrow(
      'data of another version (waybill-data-9, this',
    );
    expect(readFileSync(join(home, 'format'), 'utf8')).toBe('waybill-data-9\n');
    expect(readdirSync(home)).toEqual(['format']);
  });

  it.each(['', '\0\0\0\0'])('names its format where a power cut left %j', async (text) => {
    writeFileSync(join(home, 'format'), text);
    await expect(DataFolder.open(home)).rejects.toThrow(
      /format is (empty|damaged).*: write waybill-data-1 into it if/,
    );
    expect(readdirSync(home)).toEqual(['format']);
  });

  it('is taken over from a process that is dead, and refused while its owner lives', async () => {
    writeFileSync(join(home, 'lock'), '999999999\n1\n');
    (await DataFolder.open(home)).release();
    writeFileSync(join(home, 'lock'), `${process.ppid}\n\n`);
    await expect(DataFolder.open(home)).rejects.toThrow(`in use by process ${process.ppid}`);
  });

  it('is locked again where somebody has removed its lock, unless another process has it', async () => {
    const folder = await DataFolder.open(home);
    await folder.holdOn();
    rmSync(folder.file('lock'));
    await folder.holdOn();
    expect(readdirSync(home)).toContain('lock');
    writeFileSync(folder.file('lock'), `${process.ppid}\n\n`);
    await expect(folder.holdOn()).rejects.toThrow(`in use by process ${process.ppid}`);
  });

  it('has nothing left of a file whose writer was killed', async () => {
    const draft = 'running.json.0197f1d2-7c1b-7aa0-9d5e-2f6f4a0f3c11.draft';
    writeFileSync(join(home, draft), '');
    (await DataFolder.open(home)).release();
    expect(readdirSync(home)).toEqual(['format']);
  });
});
