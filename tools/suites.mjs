/** The test suites, in the order they run: each is a pattern over the paths of spec files. */
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));
const jestBin = join(root, 'node_modules', 'jest', 'bin', 'jest.js');

/**
 * `real` suites need servers of the local stack; `workers`: how many files run at once, default two; `minutes`:
 * the time limit, several times what the suite needs on an idle machine.
 */
export const suites = [
  {
    name: 'unit',
    minutes: 20,
    about: 'needs nothing',
    only: '\\.spec\\.ts$',
    not: ['\\.int\\.spec\\.ts$', '\\.broker\\.spec\\.ts$', '\\.e2e\\.spec\\.ts$'],
  },
  {
    name: 'integration',
    minutes: 20,
    about: 'an embedded database',
    only: '\\.int\\.spec\\.ts$',
    not: [],
  },
  {
    name: 'brokers',
    minutes: 30,
    about: 'each adapter on its real broker',
    only: '\\.broker\\.spec\\.ts$',
    not: [],
    real: true,
    // These specs mostly wait for servers: with two workers the cores were idle half of the time.
    workers: 6,
  },
  {
    name: 'e2e',
    minutes: 45,
    about: 'the whole system',
    only: '\\.e2e\\.spec\\.ts$',
    not: ['/e2e/faults/', '/e2e/stack/', '/e2e/compose/', '/e2e/pages/'],
  },
  {
    name: 'pages',
    minutes: 20,
    about: 'the pages in a real browser',
    only: '/e2e/pages/.*\\.e2e\\.spec\\.ts$',
    not: [],
  },
  {
    name: 'stack',
    minutes: 45,
    about: 'the whole system as processes on real brokers',
    only: '/e2e/stack/.*\\.e2e\\.spec\\.ts$',
    not: ['/e2e/stack/faults/'],
    real: true,
  },
  {
    name: 'faults',
    minutes: 45,
    about: 'the whole system, while things break',
    only: '/e2e/faults/.*\\.e2e\\.spec\\.ts$',
    not: [],
  },
  {
    name: 'stack-faults',
    minutes: 90,
    about: 'the whole system on real brokers, while things break',
    only: '/e2e/stack/faults/.*\\.e2e\\.spec\\.ts$',
    // These run for hours; `npm run faults` has them.
    not: ['/e2e/stack/faults/long/'],
    real: true,
  },
];

/** Where the counts of a suite's last run are. */
export const resultsOf = ({ name }) => join(root, 'dist', 'results', `${name}.json`);

/** Arguments for `node` that run `suite` with jest; a `--testPathPatterns=` in `more` chooses from the files of the suite. */
export const jestArguments = (suite, more = []) => [
  '--no-warnings',
  jestBin,
  '--passWithNoTests',
  `--testSequencer=${join(root, 'tools', 'longest-first.mjs')}`,
  `--testPathPatterns=${chosen(suite, more)}`,
  ...[...suite.not, '/node_modules/'].map((pattern) => `--testPathIgnorePatterns=${pattern}`),
  ...(suite.workers && !more.some(saysWorkers) ? [`--maxWorkers=${suite.workers}`] : []),
  ...more.filter((option) => !option.startsWith(pattern)),
];

const pattern = '--testPathPatterns=';
/** Jest would take several patterns as alternatives. */
function chosen({ only }, more) {
  const all = more.filter((option) => option.startsWith(pattern));
  const ahead = all.map((option) => `(?=.*(?:${option.slice(pattern.length)}))`);
  return all.length ? `^${ahead.join('')}.*(?:${only})` : only;
}
const saysWorkers = (option) => /^(--maxWorkers|-w|--runInBand|-i)\b/.test(option);
