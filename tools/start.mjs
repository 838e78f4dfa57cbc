/**
 * `npm start`: installs and builds what is missing, then runs the whole system in this process. `--watch` builds
 * and starts again at every change; `--services` is for real brokers, one process a service.
 */
import { spawn } from 'node:child_process';
import { existsSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { bin, build, install } from './setup.mjs';
import { root } from './suites.mjs';

const needed = [20, 19];
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < needed[0] || (major === needed[0] && minor < needed[1])) {
  console.error(`Waybill needs Node.js ${needed.join('.')} or newer; this is ${process.version}.`);
  process.exit(1);
}

const main = join(root, 'services', 'all-in-one', 'dist', 'main.js');
const stamp = join(root, 'node_modules', '.waybill-build');

install();
if (newestSource() > builtAt()) {
  build();
  writeFileSync(stamp, '');
}
if (process.argv.includes('--services')) refuseServices();
else if (process.argv.includes('--watch')) watch();
else await import(main);

function refuseServices() {
  console.error(
    'npm run services starts one process a service. The embedded broker lives inside one process, so this ' +
      'needs a real broker, and this release has none yet. Use npm start.',
  );
  process.exit(1);
}

/** Compiles in the background; Node restarts the system when the compiled files change. */
function watch() {
  const children = [
    spawn(bin('tsc'), ['-b', '--watch', '--preserveWatchOutput'], { cwd: root, stdio: 'inherit' }),
    spawn(process.execPath, ['--watch', '--watch-preserve-output', main], {
      cwd: root,
      stdio: 'inherit',
    }),
  ];
  for (const signal of ['SIGINT', 'SIGTERM']) {
    process.on(signal, () => {
      for (const child of children) child.kill(signal);
    });
  }
  for (const child of children) child.on('exit', (code) => process.exit(code ?? 0));
}

function builtAt() {
  return existsSync(main) && existsSync(stamp) ? statSync(stamp).mtimeMs : 0;
}

function newestSource() {
  const folders = ['libs', 'services', 'sandboxes'].flatMap((kind) =>
    readdirSync(join(root, kind)).map((name) => join(root, kind, name, 'src')),
  );
  return Math.max(...[join(root, 'tsconfig.base.json'), ...folders].map(newestIn));
}

/** The latest change in a file or folder. */
function newestIn(path) {
  if (!existsSync(path)) return 0;
  const stat = statSync(path);
  if (!stat.isDirectory()) return stat.mtimeMs;
  return readdirSync(path).reduce(
    (newest, name) => Math.max(newest, newestIn(join(path, name))),
    stat.mtimeMs,
  );
}
