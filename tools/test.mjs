/**
 * `npm test [-- suite...] [-- jest options]`: installs and builds what is missing, runs the suites one after
 * another, prints a table and, as its very last line, "N passed, N failed".
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { build, install } from './setup.mjs';
import { jestArguments, root, suites } from './suites.mjs';

const words = process.argv.slice(2);
const names = words.filter((word) => suites.some((suite) => suite.name === word));
const jestOptions = words.filter((word) => !names.includes(word));
const unknown = jestOptions[0] && !names.length && !jestOptions[0].startsWith('-');
if (unknown) {
  console.error(
    `No suite "${jestOptions[0]}"; there are ${suites.map(({ name }) => name).join(', ')}.`,
  );
  process.exit(2);
}
const chosen = names.length ? suites.filter(({ name }) => names.includes(name)) : suites;

install();
build();
const rows = chosen.map(runSuite);
const total = rows.reduce(add, { suite: 'total', passed: 0, failed: 0, skipped: 0, seconds: 0 });
const problems = problemsOf(total);
printTable([...rows, total]);
for (const problem of problems) console.log(problem);
console.log(`${total.passed} passed, ${total.failed} failed`);
process.exitCode = problems.length || total.failed ? 1 : 0;

function runSuite(suite) {
  console.log(`\n> ${suite.name}: ${suite.about}`);
  const folder = mkdtempSync(join(tmpdir(), 'waybill-test-'));
  const outputFile = join(folder, 'result.json');
  const started = Date.now();
  const more = ['--json', '--outputFile', outputFile, ...jestOptions];
  // jest writes progress to stderr and, because of --json, its result to stdout, which the file has already.
  const { status } = spawnSync(process.execPath, jestArguments(suite, more), {
    cwd: root,
    stdio: ['inherit', 'ignore', 'inherit'],
  });
  const result = existsSync(outputFile) ? JSON.parse(readFileSync(outputFile, 'utf8')) : undefined;
  rmSync(folder, { recursive: true, force: true });
  return { suite: suite.name, ...countsOf(result, status), seconds: (Date.now() - started) / 1000 };
}

/** A file that does not even load, or a jest that dies, counts as one failure. */
function countsOf(result, status) {
  if (!result) return { passed: 0, failed: 1, skipped: 0 };
  const passed = result.numPassedTests;
  const skipped = result.numPendingTests + result.numTodoTests;
  const failed = result.numFailedTests + result.numRuntimeErrorTestSuites;
  return { passed, skipped, failed: failed === 0 && status !== 0 ? 1 : failed };
}

function add(sum, row) {
  return {
    suite: sum.suite,
    passed: sum.passed + row.passed,
    failed: sum.failed + row.failed,
    skipped: sum.skipped + row.skipped,
    seconds: sum.seconds + row.seconds,
  };
}

function problemsOf({ passed, failed, skipped }) {
  const found = [];
  if (passed + failed === 0) found.push('No test ran.');
  if (skipped > 0 && process.env.CI === 'true')
    found.push(`${skipped} skipped: not allowed in CI.`);
  return found;
}

function printTable(table) {
  const line = (suite, ...cells) =>
    suite.padEnd(12) + cells.map((cell) => String(cell).padStart(10)).join('');
  console.log(`\n${line('suite', 'passed', 'failed', 'skipped', 'seconds')}`);
  for (const { suite, passed, failed, skipped, seconds } of table) {
    console.log(line(suite, passed, failed, skipped, seconds.toFixed(1)));
  }
  console.log('');
}
