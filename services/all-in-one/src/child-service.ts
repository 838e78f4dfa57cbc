import { type ChildProcess, spawn } from 'node:child_process';
import process from 'node:process';

export interface ChildOptions {
  readonly name: string;
  /** The compiled main file. It sends `{ url, settings }` over its IPC channel when it listens, and ends when that closes. */
  readonly main: string;
  readonly env: Readonly<Record<string, string>>;
  /** The variable that tells the main file which port to take. */
  readonly portVariable: string;
  readonly log: (line: string) => void;
}

interface ChildMessage {
  readonly url: string;
  readonly settings: Readonly<Record<string, string>>;
}

const firstPause = 200;
const longestPause = 2_000;
/** Milliseconds: a child that has run this long restarts soon; otherwise each wait is twice as long as the one before. */
const wellAfter = 10_000;

/** A sandbox as a child process: restarted on the same port when it dies; ended with its parent. */
export class ChildService {
  private child: ChildProcess | null = null;
  private port = '0';
  private own: Readonly<Record<string, string>> = {};
  private pause = firstPause;
  private hasListened = false;
  private stopping = false;

  private constructor(private readonly options: ChildOptions) {}

  /** Resolves when the child listens. */
  static async start(options: ChildOptions): Promise<ChildService> {
    const service = new ChildService(options);
    await service.spawn();
    return service;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** What the child has chosen itself besides its port, and keeps. */
  get settings(): Readonly<Record<string, string>> {
    return this.own;
  }

  get pid(): number | undefined {
    return this.child?.pid;
  }

  async stop(): Promise<void> {
    this.stopping = true;
    const child = this.child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    await new Promise<void>((resolve) => {
      child.once('exit', () => resolve());
      child.kill('SIGTERM');
    });
  }

  private spawn(): Promise<void> {
    const { name, main, env, portVariable } = this.options;
    const child = spawn(process.execPath, [main], {
      env: { ...env, ...this.own, [portVariable]: this.port },
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      // Its own process group: Ctrl-C in the terminal must not end it before the services have stopped using it.
      detached: process.platform !== 'win32',
    });
    this.child = child;
    const since = performance.now();
    return new Promise((resolve, reject) => {
      const ended = (why: string): void => {
        reject(new Error(`the ${name} ended before it listened (${why})`));
        this.restart(why, performance.now() - since);
      };
      child.once('message', ({ url, settings }: ChildMessage) => {
        this.port = new URL(url).port;
        this.own = settings;
        this.hasListened = true;
        resolve();
      });
      // The process could not be created, so there will be no exit event.
      child.once('error', (error) => child.pid === undefined && ended(error.message));
      child.once('exit', (code, signal) => ended(signal ?? `exit ${code}`));
    });
  }

  private restart(why: string, lived: number): void {
    // A child that ends before it has ever listened reports the reason itself, and would fail again.
    if (this.stopping || !this.hasListened) return;
    this.options.log(`the ${this.options.name} died (${why}); starting it again`);
    if (lived > wellAfter) this.pause = firstPause;
    setTimeout(() => {
      if (!this.stopping) this.spawn().catch(() => undefined);
    }, this.pause);
    this.pause = Math.min(longestPause, this.pause * 2);
  }
}
