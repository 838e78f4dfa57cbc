import process from 'node:process';
import { setTimeout as pause } from 'node:timers/promises';
import { EmbeddedPostgres } from '@waybill/persistence/embedded';
import type { DataFolder } from './data-folder.ts';

const longestWait = 2_000;

/** The embedded PostgreSQL of the system: started again, on its old port, when it dies; ended with this process. */
export class SupervisedPostgres {
  private stopping = false;
  private restarting: Promise<void> = Promise.resolve();
  private readonly abandon = (): void => this.server.abandon();

  private constructor(
    private server: EmbeddedPostgres,
    private readonly log: (line: string) => void,
  ) {
    process.once('exit', this.abandon);
    this.watch();
  }

  static async start(data: DataFolder, log: (line: string) => void): Promise<SupervisedPostgres> {
    return new SupervisedPostgres(
      await EmbeddedPostgres.start({ dataDir: data.file('postgres') }),
      log,
    );
  }

  /** The URL of the database of a service, which is made when there is none. */
  async database(service: string): Promise<string> {
    const name = `waybill_${service}`;
    await this.server.ensureDatabase(name);
    return this.server.url(name);
  }

  async stop(): Promise<void> {
    this.stopping = true;
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
    this.log('PostgreSQL ended; starting it again');
    for (let wait = 100; !this.stopping; wait = Math.min(longestWait, wait * 2)) {
      try {
        this.server = await EmbeddedPostgres.start({ dataDir, port });
        this.watch();
        return;
      } catch (error) {
        this.log(`PostgreSQL does not start: ${error instanceof Error ? error.message : error}`);
        await pause(wait);
      }
    }
  }
}
