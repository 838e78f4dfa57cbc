import { appendFile, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { AppendLog, BrokenLog } from './append-log.ts';

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'append-log-'));
  path = join(folder, 'below', 'ledger.jsonl');
});
afterEach(() => rm(folder, { recursive: true }));

/** The opened log, and the records that its file contained. */
async function open() {
  const log = await AppendLog.open<{ n: number }>(path);
  const records: unknown[] = [];
  await log.replay((record) => records.push(record));
  return { log, records };
}

describe('AppendLog', () => {
  it('keeps lines in order and reads them back', async () => {
    const { log } = await open();
    await Promise.all([1, 2, 3].map((n) => log.append({ n })));
    await log.append({ n: 4 });
    await log.close();
    const again = await open();
    expect(again.records).toEqual([{ n: 1 }, { n: 2 }, { n: 3 }, { n: 4 }]);
    await again.log.close();
  });

  it('has a line on disk when its append resolves', async () => {
    const { log } = await open();
    await log.append({ n: 7 });
    expect(await readFile(path, 'utf8')).toBe('{"n":7}\n');
    await log.close();
  });

  it('tells when all that was appended so far is on disk', async () => {
    const { log } = await open();
    await log.safe();
    void log.append({ n: 1 });
    void log.append({ n: 2 }, { n: 3 });
    await log.safe();
    expect(await readFile(path, 'utf8')).toBe('{"n":1}\n{"n":2}\n{"n":3}\n');
    await log.close();
  });

  it('drops the line that a crash cut off, and writes on behind the last whole one', async () => {
    const first = await open();
    await first.log.append({ n: 1 });
    await first.log.close();
    await appendFile(path, '{"n":2');
    const second = await open();
    expect(second.records).toEqual([{ n: 1 }]);
    await second.log.append({ n: 3 });
    await second.log.close();
    expect(await readFile(path, 'utf8')).toBe('{"n":1}\n{"n":3}\n');
  });

  it('takes nothing more after a write has failed, and tells its owner why', async () => {
    const { log } = await open();
    await log.close();
    const refused = `${path} cannot be written`;
    await expect(log.append({ n: 1 })).rejects.toThrow(refused);
    await expect(log.append({ n: 2 })).rejects.toThrow(refused);
    await expect(log.safe()).rejects.toThrow(refused);
    expect(await log.failed).toBeInstanceOf(BrokenLog);
  });

  it('names the line that cannot be read, and lets go of the file', async () => {
    const first = await open();
    await first.log.append({ n: 1 });
    await first.log.close();
    await appendFile(path, '\0\0\0\n{"n":3}\n');
    await expect(open()).rejects.toThrow(`line 2 of ${path} is no JSON: restore the file`);
  });

  it('names the line that its owner cannot use', async () => {
    const first = await open();
    await first.log.append({ n: 1 }, { n: 2 });
    await first.log.close();
    const log = await AppendLog.open(path);
    const refusing = log.replay((record) => {
      if ((record as { n: number }).n === 2) throw new RangeError('says two');
    });
    await expect(refusing).rejects.toThrow(`line 2 of ${path} says two: restore the file`);
    await expect(log.append({ n: 3 })).rejects.toThrow(BrokenLog);
  });

  it('hands over what was there once, and nothing that was appended since', async () => {
    const first = await open();
    await first.log.append({ n: 1 });
    const again: unknown[] = [];
    await first.log.replay((record) => again.push(record));
    expect(again).toEqual([]);
    await first.log.close();
  });
});
