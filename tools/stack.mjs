/** `npm run stack`: builds the stack's package where it is missing or stale, then does what its command line asks. */
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { bin, install, run } from './setup.mjs';
import { newestIn } from './sources.mjs';
import { root } from './suites.mjs';

const main = join(root, 'stack', 'dist', 'main.js');
const sources = ['stack/src', 'libs/persistence/src', 'libs/messaging/src', 'libs/contracts/src'];

install();
const builtAt = existsSync(main)
  ? statSync(join(root, 'stack', 'dist', '.tsbuildinfo')).mtimeMs
  : 0;
if (sources.some((folder) => newestIn(join(root, folder)) > builtAt)) {
  run('tsc -b stack (build)', bin('tsc'), ['-b', 'stack']);
}
await import(pathToFileURL(main).href);
