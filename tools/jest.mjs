/** Runs one suite of the project in the current directory: `node ../../tools/jest.mjs unit [jest options]`. */
import { spawnSync } from 'node:child_process';
import process from 'node:process';
import { jestArguments, suites } from './suites.mjs';

const [name = 'unit', ...more] = process.argv.slice(2);
const suite = suites.find((known) => known.name === name);
if (!suite) {
  console.error(`No suite "${name}"; there are ${suites.map((known) => known.name).join(', ')}.`);
  process.exit(2);
}
const { status } = spawnSync(process.execPath, jestArguments(suite, more), { stdio: 'inherit' });
process.exit(status ?? 1);
