import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import type { SandboxUrls } from '../invariants/ledgers.ts';
import type { DatabaseUrls } from '../invariants/service-databases.ts';

/** What a running system writes to `running.json`. */
export interface Whereabouts {
  readonly pid: number;
  readonly url: string;
  readonly databases: DatabaseUrls;
  readonly sandboxes: SandboxUrls & { readonly mail: { readonly url: string } } & Readonly<
      Record<keyof SandboxUrls | 'mail', { readonly pid: number | undefined }>
    >;
}

/** A test's data folder. It is removed when the test process ends, and processes that still use it are killed. */
export class TestDataFolder {
  readonly path: string;
  private readonly reaper: ChildProcess;

  constructor() {
    this.path = mkdtempSync(join(tmpdir(), 'waybill-e2e-'));
    // When tests run as root, PostgreSQL runs as another user.
    chmodSync(this.path, 0o755);
    const script = fileURLToPath(new URL('./reaper.mjs', import.meta.url));
    this.reaper = spawn(process.execPath, [script, this.path], {
      stdio: ['pipe', 'ignore', 'ignore'],
      detached: true,
    });
    this.reaper.unref();
    (this.reaper.stdin as unknown as { unref(): void }).unref();
  }

  file(...names: readonly string[]): string {
    return join(this.path, ...names);
  }

  whereabouts(): Whereabouts {
    return JSON.parse(readFileSync(this.file('running.json'), 'utf8')) as Whereabouts;
  }

  /** The process ids of the sandboxes of the last start, as far as they are known. */
  sandboxPids(): number[] {
    if (!existsSync(this.file('running.json'))) return [];
    const { paymentProvider, carriers, mail } = this.whereabouts().sandboxes;
    return [paymentProvider.pid, carriers.pid, mail.pid].flatMap((pid) => pid ?? []);
  }

  /** The process id of its PostgreSQL while it runs. */
  postgresPid(): number | undefined {
    const file = this.file('postgres', 'postmaster.pid');
    return existsSync(file) ? Number.parseInt(readFileSync(file, 'utf8'), 10) : undefined;
  }

  /** Call it when no process uses the folder. */
  async remove(): Promise<void> {
    rmSync(this.path, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
    if (this.reaper.exitCode !== null) return;
    await new Promise((resolve) => {
      this.reaper.once('exit', resolve);
      this.reaper.stdin?.end();
    });
  }
}
