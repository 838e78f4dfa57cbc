import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, existsSync, readFileSync, realpathSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import {
  isRunning,
  makeFolder,
  type ProcessRecord,
  recordOf,
  signalTo,
  writeWholeSync,
} from '@waybill/local-files';
import { Client } from 'pg';
import { type Binaries, findBinaries } from './binaries.ts';
import { prepareDataFolder, wrongPassword } from './data-folder.ts';
import { freePort } from './free-port.ts';
import { give, giveOnce } from './owner.ts';
import {
  type RunningPostmaster,
  readPostmaster,
  removeStaleFile,
  runningPostmaster,
  stopPostmaster,
} from './postmaster.ts';
import { openLog, reasonIn } from './server-log.ts';
import { commandAs, postgresUser, type ServerUser } from './server-user.js';

/** Where the cluster is, and how it runs. Default: any free port, durable, 200 connections, no TLS. */
export interface EmbeddedPostgresOptions {
  /** Created if missing. The caller must hold a lock on it, because two starts on one folder are not detected. */
  readonly dataDir: string;
  /** 0: any free port. */
  readonly port?: number;
  /** False only for tests: nothing waits for the disk. A killed server loses no commit; a power failure corrupts the folder. */
  readonly durable?: boolean;
  readonly maxConnections?: number;
  /** PEM files for TLS, copied into the data folder; default: no TLS. */
  readonly tls?: { readonly certificate: string; readonly key: string };
}

/**
 * A real PostgreSQL bundled with the project: one cluster in one folder, listening on 127.0.0.1. It survives a killed
 * parent, and the next `start` on the folder takes it over. `stop` ends it; Ctrl-C does not.
 */
export class EmbeddedPostgres {
  private constructor(
    readonly dataDir: string,
    readonly port: number,
    private readonly server: ProcessRecord,
    private readonly password: string,
    /** Resolves when the server has ended, for whatever reason. */
    readonly ended: Promise<void>,
    /** The server was already running and was taken over. */
    readonly wasRunning: boolean,
  ) {}

  static async start(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
    const started = await EmbeddedPostgres.startServer(options);
    try {
      await started.checkPassword();
      return started;
    } catch (error) {
      if (!started.wasRunning) await started.stop();
      throw error;
    }
  }

  private static async startServer(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
    const { durable = true, port: wanted = 0, tls } = options;
    const dataDir = realFolder(options.dataDir);
    const binaries = findBinaries();
    const user = postgresUser(dataDir, binaries.postgres);
    const password = await prepareDataFolder(dataDir, { binaries, user, durable });
    const deadline = performance.now() + 10_000;
    for (;;) {
      const found = await takenOver(dataDir, wanted);
      if (found) {
        return new EmbeddedPostgres(
          dataDir,
          found.port,
          found.process,
          password,
          gone(found),
          true,
        );
      }
      removeStaleFile(dataDir);
      giveOnce(dataDir, user);
      copyCertificate(dataDir, tls, user);
      const port = await freePort(wanted);
      try {
        const child = launch(binaries, user, { ...options, dataDir, port, durable });
        const ended = new Promise<void>((done) => child.once('exit', () => done()));
        const server = await untilReady(child, dataDir);
        return new EmbeddedPostgres(dataDir, port, server, password, ended, false);
      } catch (error) {
        if (!isOccupied(error) || performance.now() > deadline) throw error;
        await pause(200);
      }
    }
  }

  get pid(): number {
    return this.server.pid;
  }

  /** Connection string of one of its databases, with the password. */
  url(database: string): string {
    return `postgres://waybill:${this.password}@127.0.0.1:${this.port}/${encodeURIComponent(database)}`;
  }

  async ensureDatabase(name: string): Promise<void> {
    const client = new Client({ connectionString: this.url('postgres') });
    // The server may be stopped in the meantime; the query then fails as well.
    client.on('error', () => undefined);
    await client.connect();
    try {
      const found = await client.query('select from pg_database where datname = $1', [name]);
      if (found.rowCount === 0)
        await client.query(`create database ${client.escapeIdentifier(name)}`);
    } finally {
      await client.end();
    }
  }

  private async checkPassword(): Promise<void> {
    const client = new Client({ connectionString: this.url('postgres') });
    client.on('error', () => undefined);
    try {
      await client.connect();
    } catch (error) {
      throw (error as { code?: unknown }).code === '28P01' ? wrongPassword(this.dataDir) : error;
    } finally {
      await client.end();
    }
  }

  /** Closes the connections and ends the server; the data remains. */
  async stop(): Promise<void> {
    await stopPostmaster(this.server);
  }

  /** Signals the server to end at once, without waiting: for a process that exits. The next start recovers. */
  abandon(): void {
    signalTo(this.server, 'SIGQUIT');
  }
}

/** The real path of the folder, without links; creates its parents. */
function realFolder(path: string): string {
  const folder = resolve(path);
  makeFolder(dirname(folder));
  return existsSync(folder)
    ? realpathSync(folder)
    : join(realpathSync(dirname(folder)), basename(folder));
}

/** A server that already runs on the folder, once it is ready; one that listens on another port is ended. */
async function takenOver(dataDir: string, port: number): Promise<RunningPostmaster | undefined> {
  const deadline = performance.now() + longestStart;
  while (performance.now() < deadline) {
    const found = runningPostmaster(dataDir);
    if (!found) return undefined;
    if (found.state !== 'ready') await pause(20);
    else if (port === 0 || found.port === port) return found;
    else await stopPostmaster(found.process);
  }
  throw new Error(`PostgreSQL on ${dataDir} is not ready: ${reasonIn(logFile(dataDir))}`);
}

/** The server is not a child of this process, so its end must be polled. */
const gone = ({ process }: RunningPostmaster): Promise<void> =>
  new Promise((done) => {
    const timer = setInterval(() => {
      if (isRunning(process)) return;
      clearInterval(timer);
      done();
    }, 500);
    timer.unref();
  });

const longestStart = 60_000;
const logFile = (dataDir: string): string => join(dataDir, 'waybill.log');

function launch(
  binaries: Binaries,
  user: ServerUser,
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
    ...(options.tls ? { ssl: 'on', ssl_cert_file: 'server.crt', ssl_key_file: 'server.key' } : {}),
    // Without the other two settings, a server that is killed would lose commits or tear pages.
    ...(options.durable ? {} : { fsync: 'off' }),
  };
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const log = openLog(logFile(options.dataDir));
  try {
    const {
      command,
      args,
      options: as,
    } = commandAs(user, binaries.postgres, [...['-D', options.dataDir], ...flags]);
    const child = spawn(command, args, {
      ...as,
      cwd: options.dataDir,
      env: { LC_ALL: 'C', TZ: 'UTC' },
      stdio: ['ignore', log, log],
      // Its own process group: Ctrl-C in the terminal must not end it before its clients have finished.
      detached: true,
    });
    child.unref();
    return child;
  } finally {
    closeSync(log);
  }
}

/** The key must belong to the user who runs the server and be readable by no other. */
function copyCertificate(
  dataDir: string,
  tls: EmbeddedPostgresOptions['tls'],
  user: ServerUser,
): void {
  if (!tls) return;
  const copies = { 'server.crt': tls.certificate, 'server.key': tls.key };
  for (const [name, source] of Object.entries(copies)) {
    const copy = join(dataDir, name);
    writeWholeSync(copy, readFileSync(source), { mode: 0o600 });
    give(copy, user);
  }
}

/** Children of a killed server need a moment to notice, and another server may just be starting. */
const isOccupied = (error: unknown): boolean =>
  /pre-existing shared memory|lock file "postmaster\.pid" (already exists|is empty)/.test(
    String(error),
  );

function readyRecord({ pid }: ChildProcess, dataDir: string): ProcessRecord | undefined {
  const found = readPostmaster(dataDir);
  return found?.pid === pid && found?.state === 'ready'
    ? recordOf('PostgreSQL', found.pid)
    : undefined;
}

async function untilReady(child: ChildProcess, dataDir: string): Promise<ProcessRecord> {
  let failure: Error | undefined;
  child.once('error', (error) => {
    failure = error;
  });
  const deadline = performance.now() + longestStart;
  while (performance.now() < deadline) {
    const record = readyRecord(child, dataDir);
    if (record) return record;
    if (failure) throw failure;
    if (child.exitCode !== null || child.signalCode !== null) break;
    await pause(10);
  }
  throw new Error(`PostgreSQL on ${dataDir} did not start: ${reasonIn(logFile(dataDir))}`);
}
