import process from 'node:process';
import { setTimeout as pause } from 'node:timers/promises';
import { Client } from 'pg';

/** Another system owns PostgreSQL. */
export class SystemInUse extends Error {
  readonly code = 'system_in_use';
  /** `process` is the id of its process, if known. */
  constructor(readonly process: string) {
    super(`PostgreSQL is in use by the system of process ${process}`);
  }
}

/** Unique among the advisory locks of the database. */
const key = 82_734_611;
/** Milliseconds, because the connection of a killed system takes a moment to end. */
const patience = 3_000;
const lookAgainAfter = 100;

const takeIt = 'select pg_try_advisory_lock($1) as mine';
const whoHasIt = `
  select a.application_name as name from pg_locks l join pg_stat_activity a using (pid)
  where l.locktype = 'advisory' and l.granted and l.classid = 0 and l.objid = $1
    and l.database = (select oid from pg_database where datname = current_database())`;
const nameOf = (pid: number): string => `waybill system ${pid}`;

/**
 * The last guard against two systems on one PostgreSQL, in case the lock of the folder is gone: an advisory lock on a
 * connection that stays open as long as the system runs. A broken connection is reopened.
 */
export class SystemLock {
  private client: Client | undefined;
  private released = false;

  private constructor(
    private readonly url: string,
    private readonly lost: (error: SystemInUse) => void,
  ) {}

  /** Throws `SystemInUse`. Calls `lost` if another system takes the lock while the connection is down. */
  static async take(url: string, lost: (error: SystemInUse) => void): Promise<SystemLock> {
    const lock = new SystemLock(url, lost);
    await lock.acquire();
    return lock;
  }

  async release(): Promise<void> {
    this.released = true;
    await this.client?.end();
  }

  private async acquire(): Promise<void> {
    const client = new Client({
      connectionString: this.url,
      application_name: nameOf(process.pid),
      keepAlive: true,
    });
    // Every error of a connection ends it, and `end` is handled below.
    client.on('error', () => undefined);
    const ended = new Promise<void>((resolve) => client.once('end', resolve));
    await client.connect();
    try {
      await lockOn(client);
    } catch (error) {
      await client.end();
      throw error;
    }
    this.client = client;
    void ended.then(() => this.acquireAgain());
    if (this.released) await client.end();
  }

  private async acquireAgain(): Promise<void> {
    while (!this.released) {
      try {
        return await this.acquire();
      } catch (error) {
        if (error instanceof SystemInUse) return this.lost(error);
        await pause(lookAgainAfter);
      }
    }
  }
}

async function lockOn(client: Client): Promise<void> {
  const deadline = performance.now() + patience;
  for (;;) {
    const { rows } = await client.query(takeIt, [key]);
    if (rows[0]?.mine) return;
    if (performance.now() > deadline) break;
    await pause(lookAgainAfter);
  }
  const { rows } = await client.query(whoHasIt, [key]);
  throw new SystemInUse(/\d+$/.exec(rows[0]?.name ?? '')?.[0] ?? 'unknown');
}
