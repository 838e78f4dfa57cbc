import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import process from 'node:process';
import { programOf } from '@waybill/processes';

const main = programOf('all-in-one');

/** The Node flags of `npm start`, so that the tested process is the one that users run. */
const flags = (
  JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
    scripts: { start: string };
  }
).scripts.start
  .split(' ')
  .filter((word) => word.startsWith('--'));
export type Settings = Readonly<Record<string, string>>;

/** How a process of the system ended. */
export interface Ending {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stderr: string;
}

/** One run of the compiled all-in-one, or of another main file, as a child process with only the given settings. */
export class MainProcess {
  readonly ended: Promise<Ending>;
  /** As `ended`, but resolves after all output was read. */
  readonly closed: Promise<Ending>;
  private readonly child: ChildProcess;
  private readonly lines: string[] = [];
  private over = false;

  constructor(settings: Settings, script = main) {
    const { PATH = '', HOME = '', TMPDIR } = process.env;
    this.child = spawn(process.execPath, [...flags, script], {
      env: { PATH, HOME, ...(TMPDIR ? { TMPDIR } : {}), ...settings },
      stdio: ['ignore', 'ignore', 'pipe'],
      // Ctrl-C ends the test, whose reaper ends this process.
      detached: true,
    });
    this.child.stderr?.setEncoding('utf8').on('data', (text: string) => this.lines.push(text));
    this.closed = this.ending('close');
    // Not `close`: a sandbox that outlives its parent would keep the pipe open and go unnoticed.
    this.ended = this.ending('exit');
  }

  get pid(): number {
    if (this.child.pid === undefined) throw new Error(`${main} could not be started`);
    return this.child.pid;
  }

  get isRunning(): boolean {
    return !this.over;
  }

  /** What it has written to stderr so far. */
  get stderr(): string {
    return this.lines.join('');
  }

  /** Sends a signal; resolves when the process has ended. */
  async signal(name: NodeJS.Signals): Promise<Ending> {
    if (this.isRunning) this.child.kill(name);
    return this.ended;
  }

  private ending(event: 'exit' | 'close'): Promise<Ending> {
    return new Promise((resolve) => {
      this.child.once(event, (code: number | null, signal: NodeJS.Signals | null) => {
        this.over = true;
        resolve({ code, signal, stderr: this.stderr });
      });
    });
  }
}
