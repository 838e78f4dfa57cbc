/** `npm run dev`: builds and restarts the system at every change of its sources. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import process from 'node:process';
import { bin } from './setup.mjs';
import { newestSource } from './sources.mjs';
import { root } from './suites.mjs';

const lookEvery = 500;
const bundle = join(root, 'tools', 'bundle.mjs');

/** Runs `main` until a signal, and restarts it after each change that compiles; a change that does not compile is ignored. */
export function watch(main) {
  let system = start(main);
  let seen = newestSource();
  let ending = false;
  const renew = async () => {
    console.log('\n> a source has changed: building');
    if (!(await isBuilt()) || ending) return;
    await stop(system);
    if (!ending) system = start(main);
  };
  const look = async () => {
    const newest = newestSource();
    if (newest > seen) {
      seen = newest;
      await renew();
    }
    if (!ending) setTimeout(() => void look(), lookEvery);
  };
  setTimeout(() => void look(), lookEvery);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, async () => {
      if (ending) system.kill('SIGKILL');
      ending = true;
      process.exit((await stop(system)) ?? 0);
    });
  }
}

/** In its own process group: Ctrl-C reaches it only through this process, once, so that it shuts down in order. */
const start = (main) =>
  spawn(process.execPath, [main], { cwd: root, stdio: 'inherit', detached: true });

function stop(system) {
  if (system.exitCode !== null || system.signalCode !== null) return system.exitCode;
  system.kill('SIGTERM');
  return ended(system);
}

const isBuilt = async () =>
  (await ended(spawn(bin('tsc'), ['-b'], { cwd: root, stdio: 'inherit' }))) === 0 &&
  (await ended(spawn(process.execPath, [bundle], { cwd: root, stdio: 'inherit' }))) === 0;

const ended = (child) => new Promise((resolve) => child.once('exit', resolve));
