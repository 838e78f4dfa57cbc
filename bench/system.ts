import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort } from '@waybill/persistence/embedded';
import type { Subject } from './workload.ts';

const main = fileURLToPath(new URL('../../services/all-in-one/dist/main.js', import.meta.url));

/** The flags that `npm start` gives to Node: what is measured is what people run. */
const flags = (
  JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
    scripts: { start: string };
  }
).scripts.start
  .split(' ')
  .filter((word) => word.startsWith('--'));

export interface Where {
  readonly pid: number;
  readonly url: string;
  readonly databases: Readonly<Record<string, string>>;
  readonly sandboxes: Readonly<
    Record<string, { readonly url: string; readonly pid: number } | null>
  >;
}

/** The built system as a child process with a data folder of its own, on its durable defaults. */
export class BenchedSystem {
  private constructor(
    private readonly child: ChildProcess,
    readonly folder: string,
    readonly where: Where,
    /** Milliseconds from the start of the process until it says that it is ready. */
    readonly startMs: number,
  ) {}

  static async start({ brokers, sandboxes, addresses }: Subject): Promise<BenchedSystem> {
    const folder = mkdtempSync(join(tmpdir(), 'waybill-bench-'));
    // PostgreSQL does not run as root: its user must be able to enter.
    chmodSync(folder, 0o755);
    const started = performance.now();
    const child = spawn(process.execPath, [...flags, main], {
      env: {
        ...process.env,
        ...addresses,
        BROKERS: brokers,
        // Queues of its own, so that nothing of a run before is in its way.
        BROKER_NAMESPACE: `bench-${randomBytes(4).toString('hex')}`,
        WAYBILL_DATA: folder,
        PORT: String(await freePort(0)),
        SANDBOXES: sandboxes,
        RATE_LIMIT: '1000000',
        LOG_LEVEL: 'error',
      },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await new Promise<void>((ready, failed) => {
      let said = '';
      child.stdout?.on('data', (bytes: Buffer) => {
        said += bytes.toString();
        if (said.includes('Waybill runs at')) ready();
      });
      child.once('exit', (code) => failed(new Error(`the system ended with ${code}`)));
    });
    const startMs = performance.now() - started;
    const where = JSON.parse(readFileSync(join(folder, 'running.json'), 'utf8')) as Where;
    return new BenchedSystem(child, folder, where, startMs);
  }

  /** Where PostgreSQL's process id stands. */
  get postmaster(): number {
    return Number(
      readFileSync(join(this.folder, 'postgres', 'postmaster.pid'), 'utf8').split('\n')[0],
    );
  }

  async stop(): Promise<void> {
    await new Promise<void>((ended) => {
      this.child.once('exit', () => ended());
      this.child.kill('SIGTERM');
    });
    rmSync(this.folder, { recursive: true, force: true });
  }
}
