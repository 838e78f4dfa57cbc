/**
 * `npm run faults [-- topic... jest options]`: every fault on the real brokers at full length, with servers of its own,
 * and one table of the results at the end. Topics are the names of the files in e2e/stack/faults.
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import process from 'node:process';
import { build, install } from './setup.mjs';
import { specFilesOf } from './spec-files.mjs';
import { jestArguments, root, suites } from './suites.mjs';

const suite = { ...suites.find(({ name }) => name === 'stack-faults'), not: [] };
const topicOf = (file) => basename(file).split('.')[0];
const files = specFilesOf(suite);
const words = process.argv.slice(2);
const topics = words.filter((word) => files.some((file) => topicOf(file) === word));
const options = words.filter((word) => !topics.includes(word));
if (options[0] && !options[0].startsWith('-')) {
  console.error(`No topic "${options[0]}"; there are ${files.map(topicOf).join(', ')}.`);
  process.exit(2);
}

install();
build();
const { inColumns, serverNames } = await import('./stack/dist/index.js');
const { startServers, whatIsMissing } = await import('./test-servers.mjs');

const missing = await whatIsMissing(serverNames);
for (const { server, reason } of missing) console.error(`${server} is not here: ${reason}`);
if (missing.length > 0) process.exit(1);

const folder = mkdtempSync(join(tmpdir(), 'waybill-faults-'));
const report = join(folder, 'results');
const servers = startServers(serverNames);
let running;
let interrupted = false;
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, () => {
    interrupted = true;
    running?.kill(signal);
  });
}
try {
  const { troubles, environment } = await servers.ready;
  for (const { server, reason } of troubles) console.error(`${server}: ${reason}`);
  const failed = troubles.length > 0 || interrupted || (await runJest(environment)) !== 0;
  const broken = tell();
  process.exitCode = interrupted ? 130 : failed || broken ? 1 : 0;
} finally {
  await servers.end();
  rmSync(folder, { recursive: true, force: true });
}

/** One file at a time, so that the recovery of one does not slow down another. */
async function runJest(environment) {
  const chosen = topics.length ? `/e2e/stack/faults/.*(${topics.join('|')})\\.` : suite.only;
  running = spawn(
    process.execPath,
    jestArguments({ ...suite, only: chosen, workers: 1 }, options),
    {
      cwd: root,
      env: { FAULTS: 'full', ...process.env, ...environment, FAULTS_REPORT: report },
      stdio: 'inherit',
    },
  );
  const status = await new Promise((resolve) => running.once('close', resolve));
  running = undefined;
  return status;
}

/** Prints the table; returns the number of violations. */
function tell() {
  const lines = existsSync(report) ? readFileSync(report, 'utf8').trim().split('\n') : [];
  const results = lines.map((line) => JSON.parse(line));
  const rows = results.map(({ topic, fault, orders, recoverySeconds, goalSeconds, violations }) => [
    topic,
    fault,
    String(orders).padStart(7),
    recoverySeconds.toFixed(1).padStart(10),
    String(goalSeconds ?? '').padStart(4),
    String(violations).padStart(10),
  ]);
  const header = ['topic', 'fault', ' orders', 'recovery s', 'goal', 'violations'];
  console.log(`\n${inColumns([header, ...rows]).join('\n')}\n`);
  const sum = (field) => results.reduce((total, result) => total + result[field], 0);
  console.log(`${sum('orders')} orders, ${sum('violations')} violations`);
  return sum('violations');
}
