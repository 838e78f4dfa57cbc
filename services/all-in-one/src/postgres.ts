import process from 'node:process';
import { setTimeout as pause } from 'node:timers/promises';
import { EmbeddedPostgres, runningPostmaster } from '@waybill/embedded-postgres';
import { type DataFolder, inUse, UnusableDataFolder } from './data-folder.ts';
import { SystemInUse, SystemLock } from './system-lock.ts';

const longestWait = 2_000;

/** Whom the server tells what comes of it. */
export interface PostgresListener {
  log(line: string): void;
  /** Another system has taken it: this one must end, and nothing of PostgreSQL is its own any more. */
  lost(error: Error): void;
}

/**
 * The embedded PostgreSQL of the system: started again, on its old port, when it dies; ended with this process. One system
 * at a time has it.
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

  /** Whether a server runs there already: left by a system that was killed, or of one that runs. */
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

  /** The URL of the database of a service, which is made when there is none. */
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

  /** It may die again while it recovers, or its port or its memory may not be free yet: tried until it stands. */
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

  /** To another system. */
  private give(error: Error): void {
    this.stopping = true;
    void this.lock?.release();
    process.off('exit', this.abandon);
    this.listener.lost(error instanceof SystemInUse ? inUse(this.data.path, error.process) : error);
  }
}
