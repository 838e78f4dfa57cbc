/**
 * `npm start`: builds what is missing or stale, then runs the whole system in this process. `--watch` builds and starts
 * again at every change. `--brokers mixed` starts real servers first, and a process a service.
 */
import process from 'node:process';
import { pathToFileURL } from 'node:url';
import { builtMain } from './built.mjs';
import { checkStackPostgres, checkSystemPostgres } from './postgres.mjs';
import { watch } from './watch.mjs';

const words = process.argv.slice(2);
if (words.some((word) => word === '--brokers' || word.startsWith('--brokers='))) {
  checkStackPostgres();
  process.argv.splice(2, words.length, 'up', ...words);
  await import(pathToFileURL(builtMain('processes')).href);
} else {
  const unknown = words.find((word) => word !== '--watch');
  if (unknown !== undefined) {
    console.error(
      `npm start does not know "${unknown}": npm start runs all in one process, npm start -- --brokers mixed on real brokers`,
    );
    process.exit(2);
  }
  checkSystemPostgres();
  const main = builtMain('all-in-one');
  if (words.includes('--watch')) watch(main);
  else await import(pathToFileURL(main).href);
}
