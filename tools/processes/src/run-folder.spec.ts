import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { recordOf } from '@waybill/local-files';
import { RunFolder, type SystemRecord } from './run-folder.ts';

let home: string;
let folder: RunFolder;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'waybill-run-'));
  folder = new RunFolder(join(home, 'made', 'services'));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

const record = (): SystemRecord => {
  const supervisor = recordOf('supervisor', process.pid);
  if (!supervisor) throw new Error('this process does not run');
  return { supervisor, url: 'http://127.0.0.1:1', brokers: 'mixed', runs: [] };
};

describe('the folder of a system of processes', () => {
  it('is for its owner alone, and keeps what its system wrote until that is cleared', async () => {
    await folder.hold();
    expect(statSync(folder.path).mode & 0o777).toBe(0o700);
    folder.write(record());
    folder.announce({ pid: process.pid });
    expect(folder.running()).toEqual(record());
    folder.clear();
    expect(folder.read()).toBeUndefined();
    expect(readdirSync(folder.path)).toEqual([]);
  });

  it('belongs to one system at a time, also before that has written anything', async () => {
    await folder.hold();
    const other = new RunFolder(folder.path);
    await expect(other.hold()).rejects.toThrow(
      `${folder.path} is in use by process ${process.pid}: stop it, or choose another folder`,
    );
    folder.letGo();
    await other.hold();
    other.clear();
  });

  it.each(['', '\0\0\0', '{"supervisor":'])('names its record when that holds %j', async (text) => {
    folder.make();
    writeFileSync(folder.file('system.json'), text);
    expect(() => folder.running()).toThrow(
      /system.json is (empty|damaged).*: end what still runs of that system, then remove the file/,
    );
  });
});
