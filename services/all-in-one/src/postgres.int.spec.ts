import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Client } from 'pg';
import { DataFolder } from './data-folder.ts';
import { SupervisedPostgres } from './postgres.ts';

let path: string;
const running: SupervisedPostgres[] = [];
beforeEach(() => {
  path = mkdtempSync(join(tmpdir(), 'waybill-supervised-'));
  // PostgreSQL runs as another user if the tests run as root.
  chmodSync(path, 0o755);
});
afterEach(async () => {
  for (const postgres of running.splice(0)) await postgres.stop();
  rmSync(path, { recursive: true, force: true });
}, 30_000);

const lost: Error[] = [];
async function start(data: DataFolder): Promise<SupervisedPostgres> {
  const postgres = await SupervisedPostgres.start(data, {
    log: () => {},
    lost: (error) => lost.push(error),
  });
  running.push(postgres);
  return postgres;
}

async function found<T>(look: () => T | undefined | Promise<T | undefined>): Promise<T> {
  for (;;) {
    const value = await look();
    if (value !== undefined) return value;
    await pause(10);
  }
}

describe('the supervised PostgreSQL', () => {
  it('stands again at its old address, also when it dies while it recovers', async () => {
    const data = await DataFolder.open(join(path, 'data'));
    const postgres = await start(data);
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
    const again = await found(() => postgres.database('order').catch(() => undefined));
    expect(again).toBe(url);
    expect(pidOf()).not.toBe(second);
    data.release();
  }, 60_000);

  it('is refused to a second system, also where the lock of the folder was removed', async () => {
    const data = await DataFolder.open(join(path, 'data'));
    const first = await start(data);
    const url = await first.database('order');
    rmSync(data.file('lock'));
    const second = await DataFolder.open(join(path, 'data'));
    await expect(start(second)).rejects.toThrow(
      `${data.path} is in use by process ${process.pid}; stop it, or choose another folder`,
    );
    expect(await first.database('order')).toBe(url);
    second.release();
  }, 60_000);

  it('takes its lock again when the connection of that breaks', async () => {
    const data = await DataFolder.open(join(path, 'data'));
    await start(data);
    const admin = new Client({ connectionString: await running[0]?.database('order') });
    await admin.connect();
    const holders = `select pid from pg_stat_activity where application_name = 'waybill system ${process.pid}'`;
    const { rows } = await admin.query(`select pg_terminate_backend(pid), pid from (${holders}) h`);
    expect(rows).toHaveLength(1);
    await found(async () => {
      const again = (await admin.query(holders)).rows[0];
      return again && again.pid !== rows[0].pid ? again : undefined;
    });
    await admin.end();
    await expect(SupervisedPostgres.start(data, { log: () => {}, lost: () => {} })).rejects.toThrow(
      'is in use by process',
    );
    expect(lost).toEqual([]);
    data.release();
  }, 60_000);

  it('is given up when its folder belongs to another process after it has died', async () => {
    const data = await DataFolder.open(join(path, 'data'));
    await start(data);
    const file = data.file('postgres', 'postmaster.pid');
    const pid = Number.parseInt(readFileSync(file, 'utf8'), 10);
    writeFileSync(data.file('lock'), `${process.ppid}\n\n`);
    process.kill(pid, 'SIGKILL');
    const error = await found(() => lost.shift());
    expect(error.message).toContain(`in use by process ${process.ppid}`);
    running.pop();
  }, 60_000);
});
