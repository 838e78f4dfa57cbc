import { closeSync, mkdtempSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { lastWords, openLog, reasonIn } from './server-log.ts';

let folder: string;
const opened: number[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'waybill-log-'));
});
afterEach(() => {
  for (const log of opened.splice(0)) closeSync(log);
  rmSync(folder, { recursive: true, force: true });
});

const file = () => join(folder, 'server.log');

function open(): number {
  const log = openLog(file());
  opened.push(log);
  return log;
}

it('keeps what the next server says readable while those of the last one still write', () => {
  const last = open();
  writeSync(last, 'LOG:  ready\n'.repeat(1_000));
  const next = open();
  writeSync(next, 'FATAL:  pre-existing shared memory block is still in use\n');
  writeSync(last, 'FATAL:  terminating connection due to unexpected postmaster exit\n'.repeat(400));
  expect(lastWords(file())).toBe('FATAL:  pre-existing shared memory block is still in use\n');
});

it('tells the end of a long log, and nothing of one that is not there', () => {
  writeSync(open(), `${'x'.repeat(5_000)}the end`);
  expect(lastWords(file())).toMatch(/^x{1993}the end$/);
  expect(lastWords(join(folder, 'none'))).toBe('');
});

it('gives the last thing that a server gave up for as the reason of its end, in one line', () => {
  writeSync(
    open(),
    'LOG:  starting\nFATAL:  first\nFATAL:  could not create file: No space\nLOG:  shut down\n\n',
  );
  expect(reasonIn(file())).toBe(`FATAL:  could not create file: No space (see ${file()})`);
  writeSync(open(), 'postgres: error while loading shared libraries\n');
  expect(reasonIn(file())).toBe(`postgres: error while loading shared libraries (see ${file()})`);
  open();
  expect(reasonIn(file())).toBe(`it wrote nothing (see ${file()})`);
});
