/** The test suites, in the order they run: each is a pattern over the paths of spec files. */
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));
const jestBin = join(root, 'node_modules', 'jest', 'bin', 'jest.js');

export const suites = [
  {
    name: 'unit',
    about: 'needs nothing',
    only: '\\.spec\\.ts$',
    not: ['\\.int\\.spec\\.ts$', '\\.e2e\\.spec\\.ts$'],
  },
  {
    name: 'integration',
    about: 'a real database or broker',
    only: '\\.int\\.spec\\.ts$',
    not: [],
  },
  {
    name: 'e2e',
    about: 'the whole system',
    only: '\\.e2e\\.spec\\.ts$',
    not: ['/e2e/faults/'],
    oneAtATime: true,
  },
  {
    name: 'faults',
    about: 'the whole system, while things break',
    only: '/e2e/faults/.*\\.e2e\\.spec\\.ts$',
    not: [],
    oneAtATime: true,
  },
];

/** Arguments for `node` that run `suite` with jest. */
export const jestArguments = (suite, more = []) => [
  '--experimental-vm-modules',
  '--no-warnings',
  jestBin,
  '--passWithNoTests',
  // With an equals sign, so that a pattern in `more` is not taken for one more value of the option before it.
  `--testPathPatterns=${suite.only}`,
  ...[...suite.not, '/node_modules/'].map((pattern) => `--testPathIgnorePatterns=${pattern}`),
  // Each file runs a whole system; two at once only make each other slow.
  ...(suite.oneAtATime ? ['--runInBand'] : []),
  ...more,
];
