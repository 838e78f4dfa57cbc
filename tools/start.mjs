/**
 * `npm start`: installs and builds what is missing, then runs the whole system in this process. `--watch` builds
 * and starts again at every change; `--services` is for real brokers, one process a service.
 */
import { existsSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { build, install } from './setup.mjs';
import { newestSource } from './sources.mjs';
import { root } from './suites.mjs';
import { watch } from './watch.mjs';

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
else if (process.argv.includes('--watch')) watch(main);
else await import(main);

function refuseServices() {
  console.error(
    'npm run services starts one process a service. The embedded broker lives inside one process, so this ' +
      'needs a real broker, and this release has none yet. Use npm start.',
  );
  process.exit(1);
}

function builtAt() {
  return existsSync(main) && existsSync(stamp) ? statSync(stamp).mtimeMs : 0;
}
