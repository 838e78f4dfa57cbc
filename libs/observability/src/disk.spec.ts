import { execFileSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Disk } from './disk.ts';

let dataFolder: string;
beforeAll(async () => {
  dataFolder = await mkdtemp(join(tmpdir(), 'disk-'));
});
afterAll(() => rm(dataFolder, { recursive: true }));

const limits = { diskReserveMb: 7 };
const more = Number.MAX_SAFE_INTEGER;

describe('the disk that is watched', () => {
  it('is that of the folder that is named, else of the data folder', () => {
    const named = Disk.of({ diskFolder: '/var/lib/data', limits }, { dataFolder });
    expect([named.folder, named.reserveMb]).toEqual(['/var/lib/data', 7]);
    expect(Disk.of({ diskFolder: null, limits }, { dataFolder }).folder).toBe(dataFolder);
  });

  it('is none where this process has no data folder: never short, and nothing used', async () => {
    const away = { dataFolder: join(dataFolder, 'nothing', 'here') };
    const none = Disk.of({ diskFolder: null, limits: { diskReserveMb: more } }, away);
    expect(none.folder).toBeNull();
    expect([await none.space(), await none.isShort(), await none.use()]).toEqual([null, false, 0]);
  });

  it('is short while less than the reserve is free', async () => {
    expect(await new Disk(dataFolder, more).isShort()).toBe(true);
    expect(await new Disk(dataFolder, more).use()).toBe(100);
    expect(await new Disk(dataFolder, 0).isShort()).toBe(false);
    const { freeMb = 0, totalMb = 0 } = (await new Disk(dataFolder, 0).space()) ?? {};
    expect(freeMb).toBeGreaterThan(0);
    expect(totalMb).toBeGreaterThanOrEqual(freeMb);
  });

  it('is as full as df says, which does not count what only root may use', async () => {
    const table = execFileSync('df', ['-Pk', dataFolder], { encoding: 'utf8' });
    const [used, free] = / (\d+) +(\d+) +\d+%/.exec(table)?.slice(1).map(Number) ?? [];
    const percent = (100 * Number(used)) / (Number(used) + Number(free));
    const use = await new Disk(dataFolder, 0).use();
    // Other programs write to this disk, too.
    expect(Math.abs(use - percent)).toBeLessThan(2);
  });

  it('is an error, not room, where the folder that is named cannot be looked at', async () => {
    const lost = new Disk(join(dataFolder, 'unmounted'), 1);
    await expect(lost.isShort()).rejects.toThrow('unmounted');
  });
});
