import { type ChildProcess, spawn } from 'node:child_process';
import process from 'node:process';
import { programOf } from '@waybill/processes';
import { eventually } from './eventually.ts';

/** A process that is started again after it was killed. */
export class Replica {
  private child: ChildProcess | null = null;

  constructor(
    private readonly program: string,
    private readonly env: Readonly<Record<string, string>>,
    readonly url: string,
  ) {}

  start(): void {
    this.child = spawn(process.execPath, [programOf(this.program)], {
      env: { PATH: process.env['PATH'] ?? '', ...this.env, LOG_LEVEL: 'silent' },
      stdio: 'ignore',
    });
  }

  /** Resolves when it has ended. */
  async end(signal: NodeJS.Signals): Promise<void> {
    const { child } = this;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill(signal);
    await ended;
  }

  /** Resolves when a path of it is served. */
  async answers(path: string): Promise<void> {
    await eventually(`${this.url}${path} answers`, async () => {
      const answer = await fetch(`${this.url}${path}`, { signal: AbortSignal.timeout(2_000) });
      await answer.arrayBuffer();
      return answer.ok;
    });
  }
}
