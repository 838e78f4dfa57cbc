/** What a run of the system needs of a fresh clone: a Node that is new enough, the dependencies and a build. */
import { existsSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { build, install } from './setup.mjs';
import { newestSource } from './sources.mjs';
import { root } from './suites.mjs';

const needed = [20, 19];
const stamp = join(root, 'node_modules', '.waybill-build');

/** The file in `dist` that runs a program, after whatever is missing was installed and built. */
export function builtMain(program) {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major < needed[0] || (major === needed[0] && minor < needed[1])) {
    console.error(
      `Waybill needs Node.js ${needed.join('.')} or newer; this is ${process.version}.`,
    );
    process.exit(1);
  }
  const main = join(root, 'dist', `${program}.js`);
  install();
  const builtAt = existsSync(main) && existsSync(stamp) ? statSync(stamp).mtimeMs : 0;
  if (newestSource() > builtAt) {
    build();
    writeFileSync(stamp, '');
  }
  return main;
}
