import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { readRecord, writeRecord } from './server-record.ts';

let home: string;
let folder: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'waybill-record-'));
  folder = join(home, 'made', 'redis');
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

const record = { version: '7', ports: { main: 7379 }, secure: true, processes: [] };

it('is kept in the folder of its server, whole', () => {
  expect(readRecord(folder)).toBeUndefined();
  writeRecord(folder, record);
  expect(readRecord(folder)).toEqual(record);
  expect(readdirSync(folder)).toEqual(['server.json']);
});

it.each(['', '\0\0\0', '{"version":'])(
  'is named when it holds %j, so that a server with users is not started without them',
  (text) => {
    writeRecord(folder, record);
    writeFileSync(join(folder, 'server.json'), text);
    expect(() => readRecord(folder)).toThrow(
      /server.json is (empty|damaged).*: end what still runs/,
    );
  },
);
