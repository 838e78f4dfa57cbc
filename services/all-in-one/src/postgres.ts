import process from 'node:process';
import { setTimeout as pause } from 'node:timers/promises';
import { EmbeddedPostgres, runningPostmaster } from '@waybill/embedded-postgres';
import { type DataFolder, inUse, UnusableDataFolder } from './data-folder.ts';
import { SystemInUse, SystemLock } from './system-lock.ts';

const longestWait = 2_000;

/** Receives the events of the server. */
export interface PostgresListener {
  log(line: string): void;
  /** Another system has taken the server: this process must end, and must not touch PostgreSQL any more. */
  lost(error: Error): void;
}

/**
 * The embedded PostgreSQL of the system: restarted on the same port when it dies; ended with this process. One system
 * at a time owns it.
 */
export class SupervisedPostgres {
  private stopping = false;
  private restarting: Promise<void> = Promise.resolve();
  private lock: SystemLock | undefined;
  private readonly abandon = (): void => this.server.abandon();

  private constructor(
    private server: EmbeddedPostgres,
    private readonly data: DataFolder,
    private readonly listener: PostgresListener,
  ) {}

  /** Whether a server already runs there: left by a killed system, or owned by a running one. */
  static isRunning(data: DataFolder): boolean {
    return runningPostmaster(data.file('postgres')) !== undefined;
  }

  static async start(data: DataFolder, listener: PostgresListener): Promise<SupervisedPostgres> {
    const server = await EmbeddedPostgres.start({ dataDir: data.file('postgres') });
    const postgres = new SupervisedPostgres(server, data, listener);
    try {
      postgres.lock = await SystemLock.take(server.url('postgres'), (error) =>
        postgres.give(error),
      );
    } catch (error) {
      if (error instanceof SystemInUse) throw inUse(data.path, error.process);
      if (!server.wasRunning) await server.stop();
      throw error;
    }
    process.once('exit', postgres.abandon);
    postgres.watch();
    return postgres;
  }

  /** The URL of a service's database, which is created if it does not exist. */
  async database(service: string): Promise<string> {
    const name = `waybill_${service}`;
    await this.server.ensureDatabase(name);
    return this.server.url(name);
  }

  async stop(): Promise<void> {
    this.stopping = true;
    await this.lock?.release();
    await this.restarting;
    await this.server.stop();
    process.off('exit', this.abandon);
  }

  private watch(): void {
    void this.server.ended.then(() => {
      if (!this.stopping) this.restarting = this.restart();
    });
  }

  /** It may die again during recovery, or its port or memory may not be free yet, so this retries until it runs. */
  private async restart(): Promise<void> {
    const { dataDir, port } = this.server;
    this.listener.log('PostgreSQL ended; starting it again');
    for (let wait = 100; !this.stopping; wait = Math.min(longestWait, wait * 2)) {
      try {
        await this.data.holdOn();
        this.server = await EmbeddedPostgres.start({ dataDir, port });
        this.watch();
        return;
      } catch (error) {
        if (error instanceof UnusableDataFolder) return this.give(error);
        this.listener.log(
          `PostgreSQL does not start: ${error instanceof Error ? error.message : error}`,
        );
        await pause(wait);
      }
    }
  }

  /** Hands the server over to another system. */
  private give(error: Error): void {
    this.stopping = true;
    void this.lock?.release();
    process.off('exit', this.abandon);
    this.listener.lost(error instanceof SystemInUse ? inUse(this.data.path, error.process) : error);
  }
}
