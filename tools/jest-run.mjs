/** One run of jest that ends: when it is told to, whatever hangs, and soon after its last test, whatever is open. */
import { spawn } from 'node:child_process';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

const progress = fileURLToPath(new URL('./jest-progress.mjs', import.meta.url));

/** What may take its time to end after the last test, and what is asked to end before it is killed. */
const toEnd = 30_000;
const toDie = 10_000;

export class JestRun {
  /** The paths of the files that run now. */
  running = new Set();
  counts = { passed: 0, failed: 0, skipped: 0 };
  /** Why it was ended: `late`, or `open` when all had run; null when it ended by itself. */
  ended = null;
  #timers = [];

  /** Begins; `limit` is a signal that aborts when it has taken too long. `args` are those of node. */
  constructor(args, { cwd, env, limit, openAfter = toEnd }) {
    const reporters = ['--reporters=default', `--reporters=${progress}`];
    // Jest writes progress to stderr and, with --json, its result to stdout, which its file has already. In a group of
    // its own, so that its workers and what they have started can be ended with it.
    this.child = spawn(process.execPath, [...args, ...reporters], {
      cwd,
      env,
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      detached: true,
    });
    this.child.on('message', (told) => this.#hear(told, openAfter));
    const late = () => this.#end('late');
    limit.addEventListener('abort', late);
    /** Resolves with its exit code when it is gone. */
    this.gone = new Promise((resolve) => this.child.once('close', resolve)).finally(() => {
      limit.removeEventListener('abort', late);
      for (const timer of this.#timers) clearTimeout(timer);
      // Workers that were busy may have outlived it.
      if (this.ended) this.signal('SIGKILL');
    });
  }

  /** Signals jest and all that it has started. */
  signal(name) {
    try {
      process.kill(-this.child.pid, name);
    } catch (error) {
      if (error.code !== 'ESRCH') throw error;
    }
  }

  #hear({ began, ended, complete, ...counts }, openAfter) {
    if (began) this.running.add(began);
    if (ended) {
      this.running.delete(ended);
      for (const [name, count] of Object.entries(counts)) this.counts[name] += count;
    }
    if (complete) this.#timers.push(setTimeout(() => this.#end('open'), openAfter));
  }

  #end(why) {
    this.ended ??= why;
    this.signal('SIGTERM');
    this.#timers.push(setTimeout(() => this.signal('SIGKILL'), toDie));
  }
}
