import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, describe, expect, it } from '@jest/globals';
import { DataFolder } from './data-folder.ts';
import { SupervisedPostgres } from './postgres.ts';

const path = mkdtempSync(join(tmpdir(), 'waybill-supervised-'));
// PostgreSQL runs as another user where tests run as root.
chmodSync(path, 0o755);
let postgres: SupervisedPostgres | undefined;
afterEach(async () => {
  await postgres?.stop();
  rmSync(path, { recursive: true, force: true });
}, 30_000);

async function found<T>(look: () => T | undefined | Promise<T | undefined>): Promise<T> {
  for (;;) {
    const value = await look();
    if (value !== undefined) return value;
    await pause(10);
  }
}

describe('the supervised PostgreSQL', () => {
  it('stands again at its old address, also when it dies while it recovers', async () => {
    const data = DataFolder.open(join(path, 'data'));
    postgres = await SupervisedPostgres.start(data, () => {});
    const url = await postgres.database('order');
    const pidOf = (): number => {
      const file = data.file('postgres', 'postmaster.pid');
      return existsSync(file) ? Number.parseInt(readFileSync(file, 'utf8'), 10) : 0;
    };
    const first = pidOf();
    process.kill(first, 'SIGKILL');
    const second = await found(() => {
      const pid = pidOf();
      return pid > 0 && pid !== first ? pid : undefined;
    });
    process.kill(second, 'SIGKILL');
    const again = await found(() => postgres?.database('order').catch(() => undefined));
    expect(again).toBe(url);
    expect(pidOf()).not.toBe(second);
    data.release();
  }, 60_000);
});
