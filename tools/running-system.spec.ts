import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { afterEach, beforeEach, expect, it } from '@jest/globals';

interface Note {
  readonly pid: number;
  readonly url: string;
}
const program: string = './running-system.mjs';
const { dataFolders, runningSystem } = (await import(program)) as {
  dataFolders(env: Readonly<Record<string, string>>): string[];
  runningSystem(folders: readonly string[]): Note | undefined;
};

/** No process has this id. */
const nobody = 2 ** 30;
let folder: string;
let folders: readonly string[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'waybill-running-'));
  folders = [folder, join(folder, 'services')];
  mkdirSync(join(folder, 'services'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const note = (at: number, system: Note): void =>
  writeFileSync(join(folders[at] ?? '', 'running.json'), JSON.stringify(system));

it('is found as processes, where none runs in one process', () => {
  expect(runningSystem(folders)).toBeUndefined();
  note(1, { pid: process.pid, url: 'http://127.0.0.1:2' });
  expect(runningSystem(folders)?.url).toBe('http://127.0.0.1:2');
});

it('is the one that lives, where another was killed', () => {
  note(0, { pid: nobody, url: 'http://127.0.0.1:1' });
  expect(runningSystem(folders)?.url).toBe('http://127.0.0.1:1');
  note(1, { pid: process.pid, url: 'http://127.0.0.1:2' });
  expect(runningSystem(folders)?.url).toBe('http://127.0.0.1:2');
});

it('is told by the name of its note when that is damaged', () => {
  const file = join(folder, 'running.json');
  for (const text of ['', '{"pid":']) {
    writeFileSync(file, text);
    expect(() => runningSystem(folders)).toThrow(`${file} is damaged`);
  }
});

it('is looked for in the folder that the environment names, and in no other', () => {
  expect(dataFolders({ WAYBILL_DATA: folder })).toEqual([folder]);
  expect(dataFolders({}).map((each) => each.split('.waybill')[1])).toEqual(['', '/services']);
});
