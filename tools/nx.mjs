/** Runs targets of `project.json` at the root by Nx, which knows what has not changed since they last succeeded. */
import { join } from 'node:path';
import process from 'node:process';
import { run } from './setup.mjs';
import { root } from './suites.mjs';

/** Ends this process when one fails. */
export function runTargets(...targets) {
  // Nothing stays behind, and the output is that of the commands: no terminal is made for them.
  process.env.NX_DAEMON ??= 'false';
  process.env.NX_TUI ??= 'false';
  process.env.NX_NATIVE_COMMAND_RUNNER ??= 'false';
  if (!process.stderr.isTTY) process.env.FORCE_COLOR ??= '0';
  const nx = join(root, 'node_modules', 'nx', 'dist', 'bin', 'nx.js');
  const words = ['run-many', '--projects=waybill', `--targets=${targets}`, '--parallel=2'];
  run(`nx ${targets.join(', ')}`, process.execPath, [nx, ...words, '--outputStyle=static']);
}
