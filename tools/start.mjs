/**
 * `npm start`: installs and bundles what is missing or stale, only what running needs, then runs the whole system in this
 * process. `--watch` builds and restarts it at every change. `--brokers mixed` starts real servers, then one process per service.
 */
import process from 'node:process';
import { pathToFileURL } from 'node:url';
import { checkStackPostgres, checkSystemPostgres } from './postgres.mjs';
import { build, buildStack, install, installToRun, mainOf } from './setup.mjs';
import { watch } from './watch.mjs';

const words = process.argv.slice(2);
if (words.some((word) => word === '--brokers' || word.startsWith('--brokers='))) {
  checkStackPostgres();
  process.argv.splice(2, words.length, 'up', ...words);
  install();
  buildStack();
  await import(pathToFileURL(mainOf('processes')).href);
} else {
  const unknown = words.find((word) => word !== '--watch');
  if (unknown !== undefined) {
    console.error(
      `npm start does not know "${unknown}": npm start runs all in one process, npm start -- --brokers mixed on real brokers`,
    );
    process.exit(2);
  }
  checkSystemPostgres();
  if (words.includes('--watch')) {
    install();
    watch(mainOf('all-in-one', build));
  } else {
    installToRun();
    await import(pathToFileURL(mainOf('all-in-one')).href);
  }
}
