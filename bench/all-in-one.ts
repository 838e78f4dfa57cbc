import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { freePort } from '@waybill/embedded-postgres';
import { programOf } from '@waybill/processes';
import type { Part } from './parts.ts';
import type { BenchedSystem, Subject, Where } from './system.ts';

const main = programOf('all-in-one');

/** The Node flags of `npm start`, so that the measured process is the one that users run. */
const flags = (
  JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
    scripts: { start: string };
  }
).scripts.start
  .split(' ')
  .filter((word) => word.startsWith('--'));

/** All services in one process. */
export class AllInOne implements BenchedSystem {
  private constructor(
    private readonly child: ChildProcess,
    readonly folder: string,
    readonly where: Where,
    readonly startMs: number,
  ) {}

  static async start(
    { brokers, sandboxes }: Subject,
    folder: string,
    env: NodeJS.ProcessEnv,
  ): Promise<AllInOne> {
    const started = performance.now();
    const child = spawn(process.execPath, [...flags, main], {
      env: {
        ...env,
        BROKERS: brokers,
        // Queues of its own, unaffected by earlier runs.
        BROKER_NAMESPACE: `bench-${randomBytes(4).toString('hex')}`,
        WAYBILL_DATA: folder,
        PORT: String(await freePort(0)),
        SANDBOXES: sandboxes,
        RATE_LIMIT: '1000000',
        // Shoppers sign in once.
        ACCESS_TOKEN_LIFE: '12h',
        LOG_LEVEL: 'error',
      },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await new Promise<void>((ready, failed) => {
      let output = '';
      child.stdout?.on('data', (bytes: Buffer) => {
        output += bytes.toString();
        if (output.includes('Waybill runs at')) ready();
      });
      child.once('exit', (code) => failed(new Error(`the system ended with ${code}`)));
    });
    const startMs = performance.now() - started;
    const where = JSON.parse(readFileSync(join(folder, 'running.json'), 'utf8')) as Where;
    return new AllInOne(child, folder, where, startMs);
  }

  parts(): readonly Part[] {
    const postmaster = readFileSync(join(this.folder, 'postgres', 'postmaster.pid'), 'utf8');
    const sandboxes = Object.values(this.where.sandboxes).flatMap((each) =>
      each?.pid === undefined ? [] : [{ name: 'sandboxes', pid: each.pid }],
    );
    return [
      { name: 'node', pid: this.where.pid },
      { name: 'postgres', pid: Number(postmaster.split('\n')[0]), children: true },
      ...sandboxes,
    ];
  }

  async stop(): Promise<void> {
    await new Promise<void>((ended) => {
      this.child.once('exit', () => ended());
      this.child.kill('SIGTERM');
    });
    rmSync(this.folder, { recursive: true, force: true });
  }
}
