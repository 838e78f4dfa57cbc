import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, mkdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Client } from 'pg';
import { type Binaries, findBinaries } from './binaries.ts';
import { prepareDataFolder } from './data-folder.ts';
import { freePort } from './free-port.ts';
import {
  abandonPostmaster,
  isAlive,
  readPostmaster,
  runningPostmaster,
  stopPostmaster,
} from './postmaster.ts';
import { lastWords, openLog } from './server-log.ts';
import { checkReachable, postgresUser, type SystemUser } from './system-user.ts';

export interface EmbeddedPostgresOptions {
  /** Made when it does not exist. Its owner must hold a lock of its own: two starters on one folder are not told apart. */
  readonly dataDir: string;
  /** 0: any free one. */
  readonly port?: number;
  /** False only for tests: commits do not wait for the disk, and a power cut ruins the folder. */
  readonly durable?: boolean;
  readonly maxConnections?: number;
}

/**
 * A real PostgreSQL that comes with the project: one cluster in one folder, listening on 127.0.0.1. It outlives
 * a killed parent; the next `start` on the folder takes it over. Ctrl-C does not reach it, `stop` does.
 */
export class EmbeddedPostgres {
  private constructor(
    readonly dataDir: string,
    readonly pid: number,
    readonly port: number,
    private readonly password: string,
    /** Resolves when the server has ended, whoever ended it. */
    readonly ended: Promise<void>,
  ) {}

  static async start(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
    const dataDir = resolve(options.dataDir);
    const durable = options.durable ?? true;
    const binaries = findBinaries();
    mkdirSync(dirname(dataDir), { recursive: true });
    const user = postgresUser(dataDir);
    checkReachable(dataDir, user);
    checkReachable(binaries.postgres, user);
    const password = await prepareDataFolder(dataDir, { binaries, user, durable });
    const orphan = runningPostmaster(dataDir);
    if (orphan?.ready && (!options.port || options.port === orphan.port)) {
      return new EmbeddedPostgres(dataDir, orphan.pid, orphan.port, password, gone(orphan.pid));
    }
    if (orphan) await stopPostmaster(orphan.pid);
    const port = await freePort(options.port ?? 0);
    const { pid, ended } = await run(
      () => launch(binaries, user, { ...options, dataDir, port, durable }),
      dataDir,
    );
    return new EmbeddedPostgres(dataDir, pid, port, password, ended);
  }

  /** Connection string of one of its databases. */
  url(database: string): string {
    return `postgres://waybill:${this.password}@127.0.0.1:${this.port}/${encodeURIComponent(database)}`;
  }

  /** Creates the database unless it exists. */
  async ensureDatabase(name: string): Promise<void> {
    const client = new Client({ connectionString: this.url('postgres') });
    await client.connect();
    try {
      const found = await client.query('select from pg_database where datname = $1', [name]);
      if (found.rowCount === 0)
        await client.query(`create database ${client.escapeIdentifier(name)}`);
    } finally {
      await client.end();
    }
  }

  /** Cuts the connections and ends the server; the data stay. */
  async stop(): Promise<void> {
    await stopPostmaster(this.pid);
  }

  /** Tells the server to end at once and does not wait: for a process that exits. The next start recovers. */
  abandon(): void {
    abandonPostmaster(this.pid);
  }
}

/** Somebody else's child tells us nothing, so it is looked at. */
const gone = (pid: number): Promise<void> =>
  new Promise((done) => {
    const timer = setInterval(() => {
      if (isAlive(pid)) return;
      clearInterval(timer);
      done();
    }, 500);
    timer.unref();
  });

const logFile = (dataDir: string): string => join(dataDir, 'waybill.log');

function launch(
  binaries: Binaries,
  user: SystemUser,
  options: EmbeddedPostgresOptions & { port: number; durable: boolean },
): ChildProcess {
  const settings = {
    listen_addresses: '127.0.0.1',
    port: options.port,
    unix_socket_directories: '',
    max_connections: options.maxConnections ?? 200,
    timezone: 'UTC',
    log_timezone: 'UTC',
    log_checkpoints: 'off',
    jit: 'off',
    max_wal_size: '2GB',
    checkpoint_timeout: '15min',
    autovacuum_naptime: '10s',
    ...(options.durable
      ? {}
      : { fsync: 'off', full_page_writes: 'off', synchronous_commit: 'off' }),
  };
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const log = openLog(logFile(options.dataDir));
  try {
    const child = spawn(binaries.postgres, ['-D', options.dataDir, ...flags], {
      ...user,
      cwd: options.dataDir,
      env: { LC_ALL: 'C', TZ: 'UTC' },
      stdio: ['ignore', log, log],
      // Its own process group: Ctrl-C in the terminal must not end it before its clients are done.
      detached: true,
    });
    child.unref();
    return child;
  } finally {
    closeSync(log);
  }
}

/** Children of a server that was killed need a moment to notice; until then the data are theirs. */
async function run(
  launchChild: () => ChildProcess,
  dataDir: string,
): Promise<{ pid: number; ended: Promise<void> }> {
  const deadline = performance.now() + 10_000;
  for (;;) {
    const child = launchChild();
    const ended = new Promise<void>((done) => child.once('exit', () => done()));
    try {
      await untilReady(child, dataDir);
      return { pid: child.pid as number, ended };
    } catch (error) {
      const occupied = error instanceof Error && /pre-existing shared memory/.test(error.message);
      if (!occupied || performance.now() > deadline) throw error;
      await pause(200);
    }
  }
}

async function untilReady(child: ChildProcess, dataDir: string): Promise<void> {
  let failure: Error | undefined;
  child.once('error', (error) => {
    failure = error;
  });
  const deadline = performance.now() + 60_000;
  while (performance.now() < deadline) {
    const state = readPostmaster(dataDir);
    if (state?.pid === child.pid && state?.ready) return;
    if (failure) throw failure;
    if (child.exitCode !== null || child.signalCode !== null) break;
    await pause(10);
  }
  throw new Error(`PostgreSQL on ${dataDir} did not start:\n${lastWords(logFile(dataDir))}`);
}
