import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { readWhole, UnreadableFile } from './read-whole.ts';

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'waybill-whole-'));
  file = join(folder, 'file.json');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const read = (): unknown => readWhole(file, JSON.parse, 'remove it');

describe('a file that is read whole', () => {
  it('is what its parser makes of it, or undefined where there is none', () => {
    expect(read()).toBeUndefined();
    writeFileSync(file, '{"a":1}\n');
    expect(read()).toEqual({ a: 1 });
  });

  it.each([
    ['', 'is empty: remove it'],
    [' \n', 'is empty: remove it'],
    ['\0\0\0\0\0\0', 'is damaged (it holds zeros): remove it'],
    ['{"a":', 'is damaged (Unexpected end of JSON input): remove it'],
  ])('names itself, the reason and what to do when it holds %j', (text, says) => {
    writeFileSync(file, text);
    expect(read).toThrow(UnreadableFile);
    expect(read).toThrow(`${file} ${says}`);
  });

  it('names itself when it cannot be opened', () => {
    mkdirSync(file);
    expect(read).toThrow(`${file} cannot be read (EISDIR`);
  });
});
