import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { EmbeddedPostgres } from '@waybill/embedded-postgres';
import { programOf, RunFolder } from '@waybill/processes';
import type { Part } from './parts.ts';
import type { BenchedSystem, Subject, Where } from './system.ts';

const main = programOf('processes');
const outside: ReadonlySet<string> = new Set(['payment-provider', 'carriers']);

/** One process per service, as `npm run services` runs them; processes that die are restarted. */
export class ServiceProcesses implements BenchedSystem {
  private readonly records: RunFolder;

  private constructor(
    private readonly supervisor: ChildProcess,
    private readonly postgres: EmbeddedPostgres,
    readonly folder: string,
    readonly where: Where,
    readonly startMs: number,
  ) {
    this.records = new RunFolder(folder);
  }

  static async start(
    { brokers, replicas = {} }: Subject,
    folder: string,
    env: NodeJS.ProcessEnv,
  ): Promise<ServiceProcesses> {
    const postgres = await EmbeddedPostgres.start({
      dataDir: join(folder, 'postgres'),
      maxConnections: 400,
    });
    const started = performance.now();
    const counts = Object.entries(replicas).flatMap(([name, n]) => ['--replicas', `${name}=${n}`]);
    const words = ['supervise', '--data', folder, '--free-ports', '--brokers', brokers, ...counts];
    const supervisor = spawn(process.execPath, [main, ...words], {
      env: {
        ...env,
        BROKER_NAMESPACE: `bench-${randomBytes(4).toString('hex')}`,
        DATABASE_URL: postgres.url('postgres'),
        RATE_LIMIT: '1000000',
        // Shoppers sign in once.
        ACCESS_TOKEN_LIFE: '12h',
        LOG_LEVEL: 'error',
      },
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      detached: true,
    });
    await new Promise<void>((resolve, reject) => {
      supervisor.on('message', ({ ready, failed }: { ready?: string; failed?: string }) => {
        if (ready !== undefined) resolve();
        if (failed !== undefined) reject(new Error(failed));
      });
      supervisor.once('exit', (code) => reject(new Error(`the system ended with ${code}`)));
    });
    const startMs = performance.now() - started;
    const where = JSON.parse(readFileSync(join(folder, 'running.json'), 'utf8')) as Where;
    return new ServiceProcesses(supervisor, postgres, folder, where, startMs);
  }

  parts(): readonly Part[] {
    const runs = (this.records.read()?.runs ?? []).flatMap(({ name, instance, process: found }) =>
      found ? [{ name: outside.has(name) ? 'sandboxes' : instance, pid: found.pid }] : [],
    );
    return [...runs, { name: 'postgres', pid: this.postgres.pid, children: true }];
  }

  async stop(): Promise<void> {
    await new Promise<void>((ended) => {
      this.supervisor.once('exit', () => ended());
      this.supervisor.kill('SIGTERM');
    });
    await this.postgres.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
