/** `npm run stack`: builds the stack's package where it is missing or stale, then does what its command line asks. */
import { existsSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { bin, install, run } from './setup.mjs';
import { newestIn } from './sources.mjs';
import { root } from './suites.mjs';

const main = join(root, 'stack', 'dist', 'main.js');
const stamp = join(root, 'stack', 'dist', '.built');
const sources = [
  'stack',
  'libs/persistence',
  'libs/messaging',
  'libs/contracts',
  'libs/local-files',
];

install();
const builtAt = existsSync(main) && existsSync(stamp) ? statSync(stamp).mtimeMs : 0;
if (sources.some((project) => newestIn(join(root, project, 'src')) > builtAt)) {
  run('tsc -b stack (build)', bin('tsc'), ['-b', 'stack']);
  writeFileSync(stamp, '');
}
await import(pathToFileURL(main).href);
