/** The Nx target of a suite: `node tools/suite.mjs unit [jest options]` runs it and keeps its counts for `npm test`. */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import process from 'node:process';
import { JestRun } from './jest-run.mjs';
import { jestArguments, resultsOf, root, suites } from './suites.mjs';

const [name, ...options] = process.argv.slice(2);
const suite = suites.find((known) => known.name === name);
const minutes = Number(process.env.SUITE_MINUTES || suite.minutes);
const folder = mkdtempSync(join(tmpdir(), 'waybill-test-'));
const outputFile = join(folder, 'result.json');
const run = new JestRun(jestArguments(suite, ['--json', '--outputFile', outputFile, ...options]), {
  cwd: root,
  env: process.env,
  limit: AbortSignal.timeout(minutes * 60_000),
});
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => run.signal(signal));
const status = await run.gone;
const result = existsSync(outputFile) ? JSON.parse(readFileSync(outputFile, 'utf8')) : undefined;
rmSync(folder, { recursive: true, force: true });
const counts = countsOf(troubleOf());
if (counts.trouble) console.error(counts.trouble);
const results = resultsOf(suite);
mkdirSync(dirname(results), { recursive: true });
writeFileSync(results, JSON.stringify(counts));
process.exit(counts.failed > 0 ? 1 : 0);

/** Why the run was ended; undefined when it ended by itself. */
function troubleOf() {
  const { ended, running } = run;
  if (ended === 'open') {
    return `${name}: all has run, and something that a test has left open keeps jest from ending.`;
  }
  if (ended !== 'late') return undefined;
  const files = [...running].map((file) => relative(root, file)).join(', ');
  return `${name} was ended after ${minutes} minutes; still running: ${files || 'nothing'}.`;
}

/** A file that does not load, or a jest that crashes, counts as one failure. */
function countsOf(trouble) {
  if (trouble) {
    const { passed, failed, skipped } = run.counts;
    return { passed, skipped, failed: failed + Math.max(1, run.running.size), trouble };
  }
  if (!result) return { passed: 0, failed: 1, skipped: 0 };
  const passed = result.numPassedTests;
  const skipped = result.numPendingTests + result.numTodoTests;
  const failed = result.numFailedTests + result.numRuntimeErrorTestSuites;
  return { passed, skipped, failed: failed === 0 && status !== 0 ? 1 : failed };
}
