import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { DataFolder } from './data-folder.ts';

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'waybill-folder-'));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

describe('a data folder', () => {
  it('is made with its parents, marked with its format, and locked until it is released', () => {
    const folder = DataFolder.open(join(home, 'a', 'b'));
    expect(readFileSync(folder.file('format'), 'utf8')).toBe('waybill-data-1\n');
    folder.release();
    DataFolder.open(join(home, 'a', 'b')).release();
  });

  it('is refused where no folder can be made', () => {
    expect(() => DataFolder.open('/proc/nope/deeper')).toThrow('cannot create the data folder');
    writeFileSync(join(home, 'file'), '');
    expect(() => DataFolder.open(join(home, 'file', 'x'))).toThrow('cannot create the data folder');
  });

  it('is refused, and left alone, when it holds data of another version', () => {
    writeFileSync(join(home, 'format'), 'waybill-data-9\n');
    expect(() => DataFolder.open(home)).toThrow('data of another version');
    expect(readFileSync(join(home, 'format'), 'utf8')).toBe('waybill-data-9\n');
  });

  it('is taken over from a process that is dead, and refused while its owner lives', () => {
    writeFileSync(join(home, 'lock'), '999999999\n1\n');
    DataFolder.open(home).release();
    writeFileSync(join(home, 'lock'), `${process.ppid}\n\n`);
    expect(() => DataFolder.open(home)).toThrow(`in use by process ${process.ppid}`);
  });
});
