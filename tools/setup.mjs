/** Prepares a fresh clone: installs dependencies and builds. Plain Node, no dependency. */
import { spawnSync } from 'node:child_process';
import { existsSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { beginInstallation, installedIn } from './packages.mjs';
import { newestIn, newestSource } from './sources.mjs';
import { root } from './suites.mjs';

/** In `node_modules`, so that a new installation is bundled again. Its modification time is the start of the last bundling. */
const bundled = join(root, 'node_modules', '.waybill-build');

const quietly = [
  '--no-audit',
  '--no-fund',
  '--prefer-offline',
  '--ignore-scripts',
  '--loglevel=error',
];
const partsOfStack = [
  'tools/stack',
  'libs/embedded-postgres',
  'libs/brokers/kafka',
  'libs/messaging',
  'libs/contracts',
  'libs/message',
  'libs/local-files',
];

/**
 * Runs a command in the repository, shows its output, and ends this process when it fails. Everything goes to stderr,
 * because stdout is for results, such as those of `npm run stack -- env`.
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

/** Installs what running and bundling need, unless it is there; stale development packages are replaced too. */
export function installToRun() {
  const { has, development } = installed();
  if (has !== 'nothing') return;
  if (development) npm('packages are stale, all of them are installed', 'ci');
  else
    npm(
      'packages are missing or stale, those that running needs are installed',
      'ci',
      '--omit=dev',
    );
}

/** Installs all packages, unless they are there; adds the development packages to a runtime-only installation. */
export function install() {
  const { has } = installed();
  if (has === 'running') {
    npm('so far only what running needs is installed, the rest is added', 'install', '--no-save');
  }
  if (has === 'nothing') npm('packages are missing or stale', 'ci');
}

/** The main file of a program; calls `make` when a source has changed. The default `make` does not check types. */
export function mainOf(program, make = bundle) {
  const main = join(root, 'dist', `${program}.js`);
  const from = existsSync(main) && existsSync(bundled) ? statSync(bundled).mtimeMs : 0;
  if (newestSource() > from) make();
  return main;
}

/** Checks types, builds what changed since the last build, and bundles the programs into `dist` when a source has changed. */
export function build() {
  run('tsc -b (type check and build)', bin('tsc'), ['-b']);
  mainOf('all-in-one');
}

/** Builds the stack tool, which plain Node runs, unless it is up to date; returns its main file. */
export function buildStack() {
  const main = join(root, 'tools', 'stack', 'dist', 'main.js');
  const stamp = join(root, 'tools', 'stack', 'dist', '.built');
  const from = existsSync(main) && existsSync(stamp) ? statSync(stamp).mtimeMs : 0;
  if (partsOfStack.some((part) => newestIn(join(root, part, 'src')) > from)) {
    run('tsc -b stack (build)', bin('tsc'), ['-b', 'tools/stack']);
    writeFileSync(stamp, '');
  }
  return main;
}

function bundle() {
  // The time before bundling, so that a source that changes during it counts as newer.
  const began = new Date();
  run('esbuild (one file of all programs)', process.execPath, [join(root, 'tools', 'bundle.mjs')]);
  run('vite (the pages)', process.execPath, [join(root, 'tools', 'build-web.mjs')]);
  writeFileSync(bundled, '');
  utimesSync(bundled, began, began);
}

function installed() {
  try {
    return installedIn(root);
  } catch (error) {
    console.error(error.message);
    return process.exit(1);
  }
}

/** Without install scripts: the only one that is needed creates links, which are created where they are missing. */
function npm(why, ...words) {
  beginInstallation(root);
  run(`npm ${words.join(' ')} (${why})`, 'npm', [...words, ...quietly]);
}
