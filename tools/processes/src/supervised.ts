import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import process from 'node:process';
import { type ProcessRecord, recordOf } from '@waybill/local-files';
import type { Planned } from './plan.ts';
import type { RunFolder, RunRecord } from './run-folder.ts';

/**
 * Many processes share one machine, so heaps stay small and the collector has one helper thread. Figures for
 * other flags are in `docs/brokers.md`.
 */
const nodeFlags = ['--max-semi-space-size=4', '--heap-growing-percent=30', '--v8-pool-size=1'];
/** By default, the allocator keeps a memory pool per thread. */
const allocator = { MALLOC_ARENA_MAX: '1' };

const firstPause = 50;
const longestPause = 5_000;
/** A process that ran this long is restarted at once; for others the pause doubles each time. Milliseconds. */
const wellAfter = 10_000;
const lookAgainAfter = 100;

export interface SupervisedOptions {
  readonly folder: RunFolder;
  /** Called whenever its record changes. */
  readonly changed: () => void;
  readonly say: (line: string) => void;
}

/** One process that is restarted whenever it ends, until `stop`. */
export class Supervised {
  /** Resolves when it listens for the first time; rejects with its last output when it ends before that. */
  readonly listening: Promise<void>;
  private settle!: { resolve: () => void; reject: (error: Error) => void };
  private child: ChildProcess | null = null;
  private process: ProcessRecord | undefined;
  private pause = 0;
  private restarts = 0;
  private hasListened = false;
  private stopping = false;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    readonly planned: Planned,
    private readonly options: SupervisedOptions,
  ) {
    this.listening = new Promise((resolve, reject) => {
      this.settle = { resolve, reject };
    });
    this.listening.catch(() => {});
  }

  get record(): RunRecord {
    const { instance, role, url } = this.planned;
    return { instance, name: role.name, url, process: this.process, restarts: this.restarts };
  }

  start(): void {
    const { instance, main, env } = this.planned;
    const log = this.options.folder.logFile(instance);
    mkdirSync(dirname(log), { recursive: true });
    const output = openSync(log, 'a', 0o600);
    const began = statSync(log).size;
    const since = performance.now();
    const child = spawn(process.execPath, [...nodeFlags, main], {
      env: { ...allocator, ...env } as NodeJS.ProcessEnv,
      stdio: ['ignore', output, output, 'ipc'],
      // Ctrl-C in the terminal must reach only the supervisor, which stops all processes in order.
      detached: true,
    });
    closeSync(output);
    this.child = child;
    this.process = child.pid === undefined ? undefined : recordOf(instance, child.pid);
    child.once('message', () => {
      this.hasListened = true;
      this.settle.resolve();
      this.note();
    });
    const ended = (how: string): void => {
      const lived = performance.now() - since;
      this.ended(how, lived, () => lastWords(log, began));
    };
    // The process was not created, so no `exit` event follows.
    child.once('error', (error) => child.pid === undefined && ended(error.message));
    child.once('exit', (code, signal) => ended(signal ?? `exit ${code}`));
    this.note();
  }

  /** Ends it with SIGTERM, and kills it after `patience` milliseconds. */
  async stop(patience: number): Promise<void> {
    this.stopping = true;
    clearTimeout(this.timer);
    const { child } = this;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    await new Promise<void>((resolve) => {
      const late = setTimeout(() => child.kill('SIGKILL'), patience);
      child.once('exit', () => {
        clearTimeout(late);
        resolve();
      });
      child.kill('SIGTERM');
      // A frozen process would not react to the signal.
      child.kill('SIGCONT');
    });
  }

  private ended(how: string, lived: number, wrote: () => string): void {
    this.process = undefined;
    this.note();
    if (this.stopping) return;
    if (!this.hasListened) {
      this.settle.reject(new Error(`${this.planned.instance} did not start (${how}): ${wrote()}`));
      return;
    }
    this.options.say(`${this.planned.instance} ended (${how}); starting it again`);
    this.restarts += 1;
    const longer = Math.min(longestPause, Math.max(firstPause, this.pause * 2));
    this.pause = lived > wellAfter ? 0 : longer;
    this.startIn(this.pause);
  }

  private startIn(ms: number): void {
    this.timer = setTimeout(() => {
      if (this.options.folder.isHeld(this.planned.instance)) this.startIn(lookAgainAfter);
      else this.startAgain();
    }, ms);
  }

  /** Starting can fail, for example on a full disk for its log, and may succeed later. */
  private startAgain(): void {
    try {
      this.start();
    } catch (error) {
      this.options.say(`${this.planned.instance} cannot be started: ${(error as Error).message}`);
      this.startIn(longestPause);
    }
  }

  /** The processes keep running when their record cannot be written. */
  private note(): void {
    try {
      this.options.changed();
    } catch (error) {
      this.options.say(`the record of what runs cannot be kept: ${(error as Error).message}`);
    }
  }
}

const longestTail = 2_000;

/** The last `name: text` line of this run, else its last plain lines; structured log lines are for programs. */
function lastWords(log: string, began: number): string {
  const text = readFileSync(log).subarray(began).subarray(-longestTail).toString('utf8');
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('{'));
  const named = lines.filter((line) => /^[a-z-]+: /.test(line));
  return (named.length > 0 ? named.slice(-1) : lines.slice(-5)).join('\n') || `see ${log}`;
}
