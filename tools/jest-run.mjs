/** A jest run that always ends: at its time limit, even if a test hangs, and soon after the last test, even with open handles. */
import { spawn } from 'node:child_process';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

const progress = fileURLToPath(new URL('./jest-progress.mjs', import.meta.url));

/** How long jest may take to exit after the last test, and after SIGTERM before it is killed. Milliseconds. */
const toEnd = 30_000;
const toDie = 10_000;

export class JestRun {
  /** The paths of the files that are running. */
  running = new Set();
  counts = { passed: 0, failed: 0, skipped: 0 };
  /** Why it was ended: `late`, or `open` when all tests had run; null when it ended by itself. */
  ended = null;
  #timers = [];

  /** Starts jest; `limit` is a signal that aborts when the time is up. `args` are the arguments for node. */
  constructor(args, { cwd, env, limit, openAfter = toEnd }) {
    const reporters = ['--reporters=default', `--reporters=${progress}`];
    // Jest writes progress to stderr; stdout is ignored, because its --json result is also in a file. Detached, in a process
    // group of its own, so that its workers and their children can be ended with it.
    this.child = spawn(process.execPath, [...args, ...reporters], {
      cwd,
      env,
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      detached: true,
    });
    this.child.on('message', (told) => this.#hear(told, openAfter));
    const late = () => this.#end('late');
    limit.addEventListener('abort', late);
    /** Resolves with the exit code when jest has exited. */
    this.gone = new Promise((resolve) => this.child.once('close', resolve)).finally(() => {
      limit.removeEventListener('abort', late);
      for (const timer of this.#timers) clearTimeout(timer);
      // Busy workers may have outlived it.
      if (this.ended) this.signal('SIGKILL');
    });
  }

  /** Sends a signal to jest and all processes that it has started. */
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
