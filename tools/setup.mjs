/** What a fresh clone lacks before anything can run: its dependencies and a build. Plain Node, no dependency. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { root } from './suites.mjs';

/**
 * Runs a command in the repository, its output shown, and ends this process when it fails. All of that goes to stderr:
 * stdout is for what was asked for, such as `npm run stack -- env`.
 */
export function run(title, command, args) {
  const started = Date.now();
  console.error(`\n> ${title}`);
  const { status, error } = spawnSync(command, args, {
    cwd: root,
    stdio: ['inherit', 2, 2],
    shell: process.platform === 'win32',
  });
  if (error) console.error(error.message);
  if (status !== 0) process.exit(status ?? 1);
  console.error(`  done in ${((Date.now() - started) / 1000).toFixed(1)} s`);
}

/** The path of a dependency's command. */
export const bin = (name) => join(root, 'node_modules', '.bin', name);

/** Installs the dependencies when they are missing or are not those of the lock file. */
export function install() {
  if (isInstalled()) return;
  run('npm ci (dependencies are missing or stale)', 'npm', [
    'ci',
    '--no-audit',
    '--no-fund',
    '--loglevel=error',
  ]);
}

/** Builds what changed since the last build, and the programs in `dist` out of it. */
export function build() {
  run('tsc -b (type check and build)', bin('tsc'), ['-b']);
  run('esbuild (one file of all programs)', process.execPath, [join(root, 'tools', 'bundle.mjs')]);
}

/** Compares the lock file with the copy that npm keeps of what it installed. */
function isInstalled() {
  const installed = join(root, 'node_modules', '.package-lock.json');
  if (!existsSync(installed)) return false;
  const lockFile = join(root, 'package-lock.json');
  const wanted = packagesOf(lockFile);
  if (!wanted) {
    console.error(`${lockFile} is damaged: restore it, for instance by git`);
    process.exit(1);
  }
  // A power cut may have left it empty, and the packages with it.
  const present = packagesOf(installed);
  if (!present) return false;
  return Object.entries(wanted).every(([path, { version, optional }]) => {
    if (!path.startsWith('node_modules/')) return true;
    const found = present[path];
    return found ? found.version === version : optional === true;
  });
}

/** Undefined for a file that is damaged. */
function packagesOf(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8')).packages;
  } catch {
    return undefined;
  }
}
