/**
 * `npm test [-- suite... server... file... jest options]`: installs and builds what is missing, runs the suites one after
 * another through Nx, those for real servers where these are available, prints what ran on which server and, as the last line,
 * "N passed, N failed". A file is a part of its path, after its suite. A suite that exceeds its limit is ended and its running
 * files are named; `--minutes=N` sets all limits.
 */
import { existsSync, readFileSync, rmSync } from 'node:fs';
import process from 'node:process';
import { startTarget } from './nx.mjs';
import { checkTestPostgres } from './postgres.mjs';
import { build, install } from './setup.mjs';
import { specFilesOf } from './spec-files.mjs';
import { resultsOf, suites } from './suites.mjs';

const serverWords = ['postgres', 'redis', 'rabbitmq', 'kafka', 'sns-sqs'];
const isMinutes = (word) => /^--minutes=\d+(\.\d+)?$/.test(word);
const words = process.argv.slice(2).filter((word) => !isMinutes(word));
const minutes = process.argv.slice(2).find(isMinutes)?.split('=')[1];
const options = words.findIndex((word) => word.startsWith('-'));
const leading = options < 0 ? words : words.slice(0, options);
const names = leading.filter((word) => suites.some((suite) => suite.name === word));
const askedServers = leading.filter((word) => serverWords.includes(word));
const files = leading.filter((word) => !names.includes(word) && !askedServers.includes(word));
if (files.length && !names.length) {
  console.error(
    `No suite or server "${files[0]}"; there are the suites ` +
      `${suites.map(({ name }) => name).join(', ')} and the servers ${serverWords.join(', ')}.`,
  );
  process.exit(2);
}
const jestOptions = [
  ...(files.length ? [`--testPathPatterns=(${files.join('|')})`] : []),
  ...words.slice(leading.length),
];
const chosen = suites.filter(({ name }) =>
  names.length ? names.includes(name) : !askedServers.length || name === 'brokers',
);
const inCi = process.env.CI === 'true';

if (chosen.some(({ name }) => name !== 'unit')) checkTestPostgres();
install();
build();
const { select, serversOf, testProgramsOf } = await import('./stack/dist/index.js');
const { startServers, whatIsMissing, whichProgramsAreMissing } = await import('./test-servers.mjs');
const { resultTable, whatRanOnWhat } = await import('./test-report.mjs');

const wanted = askedServers.length ? askedServers : serverWords;
const needed = select(
  chosen.filter(({ real }) => real).flatMap(specFilesOf),
  wanted,
  wanted,
).servers;
const missing = await whatIsMissing(needed);
const programs = [...new Set(chosen.flatMap(specFilesOf).flatMap(testProgramsOf))];
const noPrograms = await whichProgramsAreMissing(programs);
const cannotRun = (file) =>
  noPrograms.some(({ program }) => testProgramsOf(file).includes(program));
const startable = needed.filter((name) => !missing.some(({ server }) => server === name));
const servers = startServers(startable);

let interrupted = false;
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, () => {
    interrupted = true;
    if (running) process.kill(-running.pid, signal);
  });
}
let running;
const runs = [];
try {
  for (const suite of chosen) if (!interrupted) runs.push(await runSuite(suite));
} finally {
  await servers.end();
}
await report();

async function runSuite(suite) {
  const started = Date.now();
  console.log(`\n> ${suite.name}: ${suite.about}`);
  const real = await whatRuns(suite);
  const counts =
    real.selection?.run.length === 0
      ? { passed: 0, failed: 0, skipped: 0 }
      : await runThroughNx(suite, real);
  counts.failed += inCi ? real.lost : 0;
  return {
    suite,
    ...real,
    counts: { suite: suite.name, ...counts, seconds: (Date.now() - started) / 1000 },
  };
}

/** Selects the specs that can run on the available servers and with the available programs, and counts the others. */
async function whatRuns(suite) {
  const files = specFilesOf(suite);
  const selection = suite.real
    ? select(files, wanted, await serversHere())
    : { run: files, leftOut: [], servers: [] };
  const leftOut = [...selection.leftOut, ...selection.run.filter(cannotRun)];
  const run = selection.run.filter((file) => !cannotRun(file));
  const more = files
    .filter((file) => !run.includes(file))
    .map((file) => `--testPathIgnorePatterns=/${file.replaceAll('.', '\\.')}$`);
  const { environment } = suite.real ? await servers.ready : { environment: {} };
  return { selection: { ...selection, run, leftOut }, more, environment, lost: leftOut.length };
}

async function serversHere() {
  const { troubles } = await servers.ready;
  const absent = [...missing, ...troubles].map(({ server }) => server);
  return wanted.filter((name) => !absent.includes(name));
}

/** Nx repeats the counts of a suite whose inputs are those of an earlier run that passed. */
async function runThroughNx(suite, { more, environment }) {
  const results = resultsOf(suite);
  rmSync(results, { force: true });
  const limit = minutes === undefined ? {} : { SUITE_MINUTES: minutes };
  running = startTarget(suite.name, [...more, ...jestOptions], { ...environment, ...limit });
  await new Promise((resolve) => running.once('close', resolve));
  running = undefined;
  if (!existsSync(results)) return { passed: 0, failed: 1, skipped: 0 };
  return JSON.parse(readFileSync(results, 'utf8'));
}

async function report() {
  const rows = runs.map(({ counts }) => counts);
  const sum = (field) => rows.reduce((total, row) => total + row[field], 0);
  const total = {
    suite: 'total',
    passed: sum('passed'),
    failed: sum('failed'),
    skipped: sum('skipped'),
    seconds: sum('seconds'),
  };
  const { troubles, versions } = await servers.ready;
  console.log(`\n${resultTable([...rows, total])}\n`);
  console.log(`${whatRanOnWhat(runs, versions, serversOf)}\n`);
  for (const { trouble } of rows) if (trouble) console.log(trouble);
  const problems = problemsOf(total, [
    ...missing,
    ...noPrograms.map(({ program, reason }) => ({ server: program, reason })),
    ...troubles,
  ]);
  for (const problem of problems) console.log(problem);
  console.log(`${total.passed} passed, ${total.failed} failed`);
  const wrong = total.failed || total.passed === 0 || (inCi && problems.length);
  process.exitCode = interrupted ? 130 : wrong ? 1 : 0;
}

function problemsOf({ passed, failed, skipped }, absent) {
  const found = absent.map(({ server, reason }) => `${server} is not here: ${reason}`);
  for (const { suite, selection } of runs) {
    for (const file of selection?.leftOut ?? []) found.push(`${suite.name}: left out ${file}`);
  }
  if (found.length && inCi) found.push('What was left out counts as failed in CI.');
  if (interrupted) found.push('Interrupted.');
  if (passed + failed === 0) found.push('No test ran.');
  if (skipped > 0 && inCi) found.push(`${skipped} skipped: not allowed in CI.`);
  return found;
}
