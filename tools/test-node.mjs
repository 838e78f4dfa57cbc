/** `npm run test:node -- 24 [options of npm test]`: the unit and the embedded end-to-end suites on another Node.js. */
import { spawn, spawnSync } from 'node:child_process';
import { constants } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import process from 'node:process';
import { nodeBinary, Unavailable, versionOf } from './node-binary.mjs';
import { build, install } from './setup.mjs';
import { root, suites } from './suites.mjs';

const [word, ...words] = process.argv.slice(2);
const names = suites.map(({ name }) => name);
const chosen = words.some((each) => names.includes(each)) ? [] : ['unit', 'e2e'];

try {
  const version = versionOf(word);
  console.error(`\n> Node.js ${version} (from npm, unless it is in .waybill/cache)`);
  const binary = nodeBinary(version);
  const { status } = spawnSync(binary, ['tools/node-version.cjs'], { cwd: root, stdio: 'inherit' });
  if (status !== 0) process.exit(1);
  // With the current Node.js.
  install();
  build();
  console.error(`\n> npm test -- ${[...chosen, ...words].join(' ')} on Node.js ${version}`);
  const child = spawn(binary, [join('tools', 'test.mjs'), ...chosen, ...words], {
    cwd: root,
    env: { ...process.env, PATH: `${dirname(binary)}${delimiter}${process.env.PATH}` },
    stdio: 'inherit',
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
    process.on(signal, () => child.kill(signal));
  child.once('error', (error) => {
    console.error(`Node.js ${version} cannot be run: ${error.message}`);
    process.exitCode = 1;
  });
  child.once('exit', (code, signal) => {
    process.exitCode = code ?? 128 + constants.signals[signal];
  });
} catch (error) {
  if (!(error instanceof Unavailable)) throw error;
  console.error(error.message);
  process.exitCode = 2;
}
