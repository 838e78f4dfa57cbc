/** Runs targets of the root `project.json` through Nx, which skips those that succeeded and have not changed since. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import process from 'node:process';
import { run } from './setup.mjs';
import { root } from './suites.mjs';

const nx = join(root, 'node_modules', 'nx', 'dist', 'bin', 'nx.js');

// No daemon stays behind, and the commands' output is shown without a pseudo-terminal.
process.env.NX_DAEMON ??= 'false';
process.env.NX_TUI ??= 'false';
process.env.NX_NATIVE_COMMAND_RUNNER ??= 'false';
if (!process.stderr.isTTY) process.env.FORCE_COLOR ??= '0';

/** Ends this process when a target fails. */
export function runTargets(...targets) {
  const words = ['run-many', '--projects=waybill', `--targets=${targets}`, '--parallel=2'];
  run(`nx ${targets.join(', ')}`, process.execPath, [nx, ...words, '--outputStyle=static']);
}

/** Starts one target with arguments, in a process group of its own; all of its output goes to stderr. */
export function startTarget(target, args, env) {
  const words = [nx, 'run', `waybill:${target}`, '--outputStyle=stream-without-prefixes'];
  return spawn(process.execPath, [...words, ...(args.length ? ['--', ...args] : [])], {
    cwd: root,
    env: { ...process.env, ...env },
    stdio: ['ignore', 2, 2],
    detached: true,
  });
}
